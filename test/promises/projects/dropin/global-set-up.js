export default function setup({ provide }) {
  provide('answer', 42)
}
