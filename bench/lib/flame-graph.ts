import type { Frame } from './fold-profile.ts'
import { escapeXml } from './svg.ts'

const width = 1200
const rowHeight = 17
/** Narrower frames are not drawn. */
const minWidth = 0.4

/** An SVG flame graph: callers below, callees above, width is time. Hover a frame for its name and share. Pure. */
export function flameGraph(root: Frame, title: string): string {
  const rects: string[] = []
  let depth = 0
  const draw = (frame: Frame, x: number, level: number): void => {
    const frameWidth = (frame.totalUs / root.totalUs) * width
    if (frameWidth < minWidth) return
    depth = Math.max(depth, level + 1)
    const share = ((frame.totalUs / root.totalUs) * 100).toFixed(1)
    const text = frame.name.slice(0, Math.max(0, Math.floor(frameWidth / 6.5)))
    rects.push(
      `<g><title>${escapeXml(frame.name)} — ${share} %</title>` +
        `<rect x="${x.toFixed(1)}" y="${-(level + 1) * rowHeight}" width="${frameWidth.toFixed(1)}" height="${rowHeight - 1}" fill="${colourOf(frame.name)}"/>` +
        (text.length > 2
          ? `<text x="${(x + 2).toFixed(1)}" y="${-(level + 1) * rowHeight + 12}">${escapeXml(text)}</text>`
          : '') +
        '</g>',
    )
    let at = x
    for (const child of frame.children) {
      draw(child, at, level + 1)
      at += (child.totalUs / root.totalUs) * width
    }
  }
  draw(root, 0, 0)
  const height = depth * rowHeight + 30
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, monospace" font-size="11">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="4" y="18" font-size="13">${escapeXml(title)}, ${(root.totalUs / 1e6).toFixed(1)} s of work</text>
<g transform="translate(0 ${height})">
${rects.join('\n')}
</g>
</svg>
`
}

/** Kernel and runtime cool, our code warm, the same name always the same shade. */
function colourOf(name: string): string {
  let hash = 0
  for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) % 997
  const hue = /(packages|apps)\//.test(name)
    ? 20 + (hash % 35)
    : name.includes('node:')
      ? 90 + (hash % 40)
      : 190 + (hash % 40)
  return `hsl(${hue} 70% ${68 + (hash % 12)}%)`
}
