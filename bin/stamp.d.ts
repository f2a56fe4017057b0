export const serverIsBuilt: (root: string) => boolean
export const consoleIsBuilt: (root: string) => boolean
export const stampServer: (root: string) => void
export const stampConsole: (root: string) => void
