/**
 * The RGBA bytes of a bitmap whose colours are not multiplied with its alpha; `undefined` if WebGL is missing or the
 * bitmap is larger than its textures. A 2D canvas multiplies them: what is transparent becomes black there.
 */
export function unblended(bitmap: ImageBitmap): Uint8Array | undefined {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (gl === null) return undefined;
  try {
    return readTexture(gl, bitmap);
  } finally {
    // A page has few contexts, and takes away the oldest one for a new one.
    gl.getExtension('WEBGL_lose_context')?.loseContext();
  }
}

function readTexture(gl: WebGL2RenderingContext, bitmap: ImageBitmap): Uint8Array | undefined {
  const { width, height } = bitmap;
  if (Math.max(width, height) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) return undefined;
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  const pixels = new Uint8Array(width * height * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  return gl.getError() === gl.NO_ERROR ? pixels : undefined;
}
