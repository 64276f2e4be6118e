internal import Contracts
internal import Foundations
internal import PluginHost
internal import Policy
internal import Store

/// One request for vectors, and the entry of the home's cache that may answer it.
struct EmbeddingRequest {
    let plugin: InstalledPlugin
    let prompts: [MaskedPrompt]
    /// The catalog artifact of the run.
    let catalog: SHA256.Digest

    /// What the vectors depend on; nil when they may not be cached: the run has no lane yet, or the texts are heavy in
    /// personal data.
    func key(_ stage: StageContext) throws(SluiceError) -> ResponseKey? {
        guard let lane = stage.lane, !PolicyEngine.isPIIHeavy(prompts) else { return nil }
        let manifest = plugin.manifest
        let weights = manifest.resources.map { "\($0.name)@\($0.sha256.hex)" }.sorted()
        return ResponseKey(
            operation: "embed", provider: manifest.id, providerVersion: manifest.version,
            providerBinary: try manifest.artifact().sha256, model: weights.joined(separator: ","),
            parameters: ["config": [:]], systemPromptHash: SHA256.hash(""),
            userPromptHash: JSON(prompts.map(\.text)).canonicalHash, lane: lane, mode: stage.contract.mode,
            maskBeforeSend: stage.contract.maskBeforeSend, localOnlyOverride: stage.contract.localOnlyOverride,
            scope: stage.contract.cacheScope,
            versions: ResponseKey.Versions(
                catalog: catalog, mapping: nil, domains: stage.versions.catalog,
                thresholds: "\(stage.versions.thresholdProfile)+\(stage.versions.thresholdProfileHash)",
                policy: stage.versions.policy),
            locale: Self.locale(stage.context.environment))
    }

    /// As the C library finds it.
    static func locale(_ environment: [String: String]) -> String {
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            if let value = environment[name], !value.isEmpty { return value }
        }
        return "C"
    }
}

/// Vectors as bytes: dimensions (u32), rows (u64), then the values (f32) row by row; all little-endian.
enum VectorCodec {
    private static let header = 12

    /// Nil when the vectors have not one dimension.
    static func encode(_ vectors: [[Float]]) -> [UInt8]? {
        let dimensions = vectors.first?.count ?? 0
        guard vectors.allSatisfy({ $0.count == dimensions }), let width = UInt32(exactly: dimensions) else {
            return nil
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(header + vectors.count * dimensions * 4)
        withUnsafeBytes(of: width.littleEndian) { bytes += $0 }
        withUnsafeBytes(of: UInt64(vectors.count).littleEndian) { bytes += $0 }
        for vector in vectors {
            for value in vector { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
        }
        return bytes
    }

    /// Nil when the bytes are not those of so many finite vectors.
    static func decode(_ bytes: [UInt8], count: Int) -> [[Float]]? {
        guard bytes.count >= header else { return nil }
        return bytes.withUnsafeBytes { raw -> [[Float]]? in
            let width = Int(UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self)))
            let rows = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
            let (cells, tooMany) = count.multipliedReportingOverflow(by: width * 4)
            guard rows == UInt64(count), !tooMany, raw.count - header == cells else { return nil }
            let vectors = (0..<count).map { row in
                (0..<width).map { column in
                    let place = header + (row * width + column) * 4
                    return Float(
                        bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
                }
            }
            return vectors.allSatisfy { $0.allSatisfy(\.isFinite) } ? vectors : nil
        }
    }
}
