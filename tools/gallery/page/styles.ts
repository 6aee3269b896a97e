/** The styles to choose from, as cards that show the photo painted. */
import type { StyleWorker, WebStyle } from '../../../src/web/index.ts';
import { element, make, show } from './elements.ts';

/** As tools/gallery/make-gallery.ts lists them. */
export interface ListedStyle {
  readonly file: string;
  readonly name: string;
  readonly title: string;
  readonly author: string;
  readonly licence: string;
  /** Of the painting: a JPEG, base64. */
  readonly thumbnail?: string;
}

export interface Card {
  readonly listed: ListedStyle;
  readonly input: HTMLInputElement;
  /** Loaded when it first paints. */
  load(): Promise<WebStyle>;
  /** Whether it shows the photo painted. */
  readonly isPainted: boolean;
  /** @param picture undefined while the card waits for one. */
  preview(picture: ImageData | undefined): void;
}

export function makeCards(
  styles: readonly ListedStyle[],
  worker: StyleWorker,
  onChoice: (card: Card) => void,
): readonly Card[] {
  return styles.map((listed) => {
    const canvas = make('canvas');
    const input = make('input', { type: 'radio', name: 'style', value: listed.name });
    const painting = make('img', { alt: '', src: thumbnailOf(listed) });
    const label = make(
      'label',
      { className: 'card' },
      input,
      make('span', { className: 'picture' }, painting, canvas),
      make('strong', { textContent: listed.title }),
      make('small', { textContent: listed.author }),
    );
    let loading: Promise<WebStyle> | undefined;
    const card: Card = {
      listed,
      input,
      load() {
        loading ??= worker
          .load(new URL(`styles/${listed.file}`, document.baseURI))
          .catch((error: unknown) => {
            // The next time may be luckier.
            loading = undefined;
            throw error;
          });
        return loading;
      },
      get isPainted() {
        return label.classList.contains('painted');
      },
      preview(picture) {
        label.classList.toggle('painted', picture !== undefined);
        if (picture !== undefined) show(canvas, picture);
      },
    };
    input.addEventListener('change', () => onChoice(card));
    element('styles', HTMLDivElement).append(label);
    return card;
  });
}

export function thumbnailOf({ thumbnail }: ListedStyle): string {
  return thumbnail === undefined ? 'icon.svg' : `data:image/jpeg;base64,${thumbnail}`;
}
