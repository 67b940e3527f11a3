// What the page may load and speak with: nothing but where it comes from, and where its MQTT is.

/** A header's own text goes into another one only as what it should be. */
const HOST = /^[\w.\-:[\]]+$/;

/** `host`: of the request. Older browsers do not count a WebSocket of the page's own server as `'self'`. */
export function contentPolicy(host: string | undefined, webSocketUrl: string | undefined): string {
  const own = host !== undefined && HOST.test(host) ? [`ws://${host}`, `wss://${host}`] : [];
  const elsewhere = webSocketUrl === undefined ? [] : [new URL(webSocketUrl).origin];
  return [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'"],
    ["connect-src 'self'", ...own, ...elsewhere].join(' '),
    ...["img-src 'self' data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join('; ');
}
