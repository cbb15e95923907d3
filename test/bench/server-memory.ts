/** Resident memory of the server process in MiB, as its own metrics tell. */
export async function residentMiB(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const bytes = Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1])
  if (!Number.isFinite(bytes)) throw new Error('the metrics do not tell the memory')
  return bytes / 1024 / 1024
}
