// Notes the module's memory as it is loaded. Import it before the module.

const { instantiate, instantiateStreaming } = WebAssembly;
let memory;

const noted = (load) =>
  async function (...parameters) {
    const loaded = await load.apply(WebAssembly, parameters);
    const { exports } = loaded.instance ?? loaded;
    memory = Object.values(exports).find((part) => part instanceof WebAssembly.Memory) ?? memory;
    return loaded;
  };
WebAssembly.instantiate = noted(instantiate);
WebAssembly.instantiateStreaming = noted(instantiateStreaming);

/** How large it is, in bytes. */
export const moduleBytes = () => memory?.buffer.byteLength ?? 0;
