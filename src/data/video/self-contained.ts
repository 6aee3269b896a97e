/**
 * Kinds of files that hold their film themselves. Others name files or addresses to read it from: playlists (HLS, DASH), scripts
 * (concat), descriptions of streams (SDP). ffmpeg knows them by their content, whatever a file is called, and would read and
 * paint, or fetch, what somebody else wrote into them.
 */

/** ffmpeg's names of their demuxers. Those of scripts, playlists, devices, text and SVG are left out. */
const FORMATS = [
  ...['mov', 'matroska', 'avi', 'mpegts', 'mpegtsraw', 'mpeg', 'mpegvideo', 'm4v', 'h261', 'h263', 'h264'],
  ...[
    'hevc',
    'vvc',
    'av1',
    'obu',
    'ivf',
    'flv',
    'live_flv',
    'kux',
    'asf',
    'asf_o',
    'ogg',
    'rm',
    'mxf',
    'gxf',
  ],
  ...[
    'lxf',
    'dv',
    'wtv',
    'nut',
    'nuv',
    'gif',
    'apng',
    'mjpeg',
    'mjpeg_2000',
    'vc1',
    'vc1test',
    'yuv4mpegpipe',
  ],
  ...['cavsvideo', 'avs', 'avs2', 'avs3', 'dirac', 'dnxhd', 'swf', 'flic', 'film_cpk', 'roq', 'bink', 'smk'],
  ...['thp', 'pva', 'nsv', 'ty', 'xmv', 'r3d', 'cine', 'iv8', 'ipu', 'mods', 'moflex', 'rl2', 'smjpeg'],
  ...['image2', 'png_pipe', 'jpeg_pipe', 'bmp_pipe', 'tiff_pipe', 'webp_pipe', 'jpegxl_anim'],
] as const;

/** Options of an input, for ffmpeg and ffprobe, that let nothing else in. */
export const SELF_CONTAINED: readonly string[] = ['-format_whitelist', FORMATS.join(',')];

/** Whether a complaint of ffmpeg's or ffprobe's is that. */
export function isOutsideList(complaint: string): boolean {
  return /not on whitelist/i.test(complaint);
}
