// The provider @ID@: what the host calls. What it computes is in NGrams.swift.
public import SluiceABI
internal import SluiceSDK

final class NGramsProvider: Provider {
    static let offers: ProviderCalls = [.embed, .tokenEstimate]

    private let host: Host

    init(config: JSONObject, host: Host) throws(PluginFailure) { self.host = host }

    func embed(model: String?, texts: [String]) throws(PluginFailure) -> Embeddings {
        try onlyModel(model ?? "")
        var values: [Float] = []
        values.reserveCapacity(texts.count * NGrams.dimensions)
        for text in texts {
            try host.checkCancellation()
            values += NGrams.embed(text)
        }
        return try Embeddings(dimensions: NGrams.dimensions, values: values)
    }

    func tokenEstimate(model: String, text: String) throws(PluginFailure) -> UInt64 {
        try onlyModel(model)
        return NGrams.tokens(text)
    }

    func health() throws(PluginFailure) -> JSONValue {
        ["healthy": true, "models": [["id": .string(NGrams.model), "dimensions": .int(Int64(NGrams.dimensions))]]]
    }

    private func onlyModel(_ model: String) throws(PluginFailure) {
        guard model.isEmpty || model == NGrams.model else {
            throw PluginFailure(message: "There is one model, \(NGrams.model): ask for that or none.")
        }
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func sluice_plugin_entry(_ host: UnsafePointer<sluice_host_info>?) -> UnsafePointer<sluice_plugin>? {
    PluginExport.provider(
        NGramsProvider.self, id: "@ID@", version: "0.1.0", summary: "Embeds texts by their letters, on this machine.",
        host: host)
}
