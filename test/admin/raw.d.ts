declare module '*?raw' {
  export const text: string
  export default text
}
