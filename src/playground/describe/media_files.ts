/** Whether a file is a video, by its type or, if the system knows none, its name. */
export function isVideo({ type, name }: File): boolean {
  return type === '' ? /\.(?:mp4|m4v|webm|mov|ogv|mkv)$/i.test(name) : type.startsWith('video/');
}

/** Whether a file is an image or a video. */
export function isMedia(file: File): boolean {
  const { type, name } = file;
  const isImage = type === '' ? /\.(?:png|jpe?g|gif|webp|avif|bmp)$/i.test(name) : type.startsWith('image/');
  return isImage || isVideo(file);
}
