internal import ProviderKit
internal import SluiceSDK

/// Ollama's errors: `{"error":"…"}`, also as a line of a stream of status 200. It has neither codes nor types.
///
/// Sources: the server's own texts in its reports and client, and llama.cpp's, which it passes on.
enum OllamaErrors {
    static let table = ErrorTable(rows)

    private static func rows(_ verdict: Verdict, _ phrases: String...) -> [ErrorTable.Row] {
        phrases.map { ErrorTable.Row(.phrase($0), verdict) }
    }

    /// More memory than there is: another model or provider can do it, the same one cannot.
    static let noMemory = Verdict(
        .providerUnhealthy, scope: .model, reason: "model_memory",
        message: "The server has not enough memory for the model: choose a smaller one, or a smaller num_ctx.")

    private static let rows: [ErrorTable.Row] =
        // In front: it says "error loading model" of both, and neither is a server that is not ready yet.
        rows(noMemory, "requires more system memory", "out of memory", "cudamalloc failed", "unable to allocate")
        + rows(
            .modelBroken, "error loading model", "unable to load model", "model failed to load",
            "unknown model architecture")
        + rows(.busy, "server busy", "maximum pending requests exceeded", "no slots available")
        + rows(.overloaded, "server overloaded", "timed out waiting for llama")
        + rows(.contextOverflow, "exceeds the context length", "exceed_context_size", "exceeds context")
        + rows(.credentialRejected, "unauthorized")
        + rows(.modelNotFound, "try pulling it first", "model is not found")
        + rows(.schemaRejected, "invalid json schema", "invalid format", "failed to parse grammar")
        + rows(.badRequest, "does not support", "invalid option")

    static func failure(_ reply: HTTPReply) -> Failure { table.failure(reply) }

    static func failure(inBand json: JSONValue) -> Failure {
        var signal = ErrorSignal(inBand: json)
        // "model 'x' not found": the name stands between.
        if let message = signal.message, message.hasPrefix("model "), message.contains("not found") {
            signal.status = 404
        }
        return table.failure(signal)
    }
}
