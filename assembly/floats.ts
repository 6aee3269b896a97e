/** Bytes of so many 32-bit floats; from one place to another that lies before it, negative ones. */
// @ts-ignore: decorator
@inline
export function floats(count: i32): usize {
  return <usize>count << 2;
}
