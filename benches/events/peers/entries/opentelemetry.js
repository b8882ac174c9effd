// Events are log records with a name; they leave in batches: https://opentelemetry.io/docs/languages/js/exporters/
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { NAME, properties } from "./event.js";

export default async ({ receiver, queue }) => {
  const exporter = new OTLPLogExporter({ url: `${receiver}/collect/${queue}/v1/logs` });
  const processor = new BatchLogRecordProcessor({ exporter, maxQueueSize: 10_000 });
  const provider = new LoggerProvider({ processors: [processor] });
  const logger = provider.getLogger("bench");
  return {
    record: (mark) => logger.emit({ eventName: NAME, attributes: properties(mark) }),
    flush: () => provider.forceFlush(),
  };
};
