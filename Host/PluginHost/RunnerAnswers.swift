internal import Columnar
internal import Foundations

/// HELLO: which sandbox layers are in force.
struct RunnerHello: Equatable {
    let active: [IsolationLayer]
    let missing: [MissingLayer]

    init(_ payload: Bytes) throws(Wire.Fault) {
        var reader = PayloadReader(payload)
        let version = try reader.integer(UInt32.self)
        guard version == Wire.version else {
            throw Wire.Fault(reason: "the runner speaks protocol \(version), this host \(Wire.version)")
        }
        let major = try reader.integer(UInt32.self)
        let minor = try reader.integer(UInt32.self)
        guard (major, minor) == PluginManifest.hostABI else {
            throw Wire.Fault(reason: "the runner offers ABI \(major).\(minor)")
        }
        let bits = try reader.integer(UInt64.self)
        let count = try reader.integer(UInt32.self)
        guard count <= 64 else { throw Wire.Fault(reason: "the greeting lists too many layers") }
        var errors: [UInt32: Int32] = [:]
        for _ in 0..<count {
            let layer = try reader.integer(UInt32.self)
            errors[layer] = try reader.integer(Int32.self)
        }
        try reader.finish()
        // A layer that is said to be in force and to have failed has failed.
        active = IsolationLayer.allCases.filter { bits >> UInt64($0.rawValue) & 1 == 1 && errors[$0.rawValue] == nil }
        missing = IsolationLayer.allCases.filter { [active] in !active.contains($0) }
            .map { MissingLayer(layer: $0, errno: errors[$0.rawValue] ?? 0) }
    }
}

/// LOADED: what the plugin says that it is.
struct RunnerLoaded {
    let kind: Int32
    let id: [UInt8]
    let version: [UInt8]
    let abiMajor: UInt32
    let abiMinor: UInt32
    let description: [UInt8]

    init(_ payload: Bytes) throws(Wire.Fault) {
        var reader = PayloadReader(payload)
        kind = try reader.integer(Int32.self)
        id = try reader.textBytes()
        version = try reader.textBytes()
        abiMajor = try reader.integer(UInt32.self)
        abiMinor = try reader.integer(UInt32.self)
        description = try reader.textBytes()
        try reader.finish()
    }

    /// What differs from the manifest, in words that repeat nothing of the plugin's; nil when nothing does.
    func difference(from manifest: PluginManifest) -> String? {
        if kind != manifest.kind.abiValue { return "it is of another kind" }
        if id != Array(manifest.id.utf8) { return "it has another id" }
        if version != Array(manifest.version.utf8) { return "it has another version" }
        // The manifest says the earliest minor version that is needed, the plugin that of its headers: what those know
        // beyond this host is NULL to it (docs/abi.md).
        if abiMajor != manifest.abiMajor || abiMinor < manifest.abiMinor {
            return "it was built for ABI \(abiMajor).\(abiMinor), not \(manifest.abiMajor).\(manifest.abiMinor)"
        }
        return nil
    }
}

/// ERROR: what a plugin reported.
struct RunnerReport: Equatable {
    let code: Int32
    /// Nil when the failure is not retryable or the time is unknown.
    let retryAfterMilliseconds: UInt64?
    let message: String
    /// Bits of the slots of `to_runner` that are free, where the call was an `update`.
    let freeSlots: UInt32?
    /// The plugin's table lacks the function: the runner says so with a code that no plugin can return.
    let isNotOffered: Bool

    /// - Parameter ofUpdate: whether the call was one that says which slots are free.
    init(_ payload: Bytes, ofUpdate: Bool = false) throws(Wire.Fault) {
        var reader = PayloadReader(payload)
        let code = try reader.integer(Int32.self)
        isNotOffered = code == Wire.notOffered
        self.code = isNotOffered ? SluiceError.Code.deterministicFailure.abiStatus : code
        let retryable = try reader.integer(UInt32.self)
        let after = try reader.integer(UInt64.self)
        message = String(decoding: try reader.textBytes(), as: UTF8.self)
        freeSlots = ofUpdate ? try reader.integer(UInt32.self) : nil
        try reader.finish()
        guard (1...9).contains(self.code) else { throw Wire.Fault(reason: "an error has no code of the taxonomy") }
        guard retryable <= 1 else { throw Wire.Fault(reason: "an error is neither retryable nor not") }
        // A wait longer than a day is no advice.
        retryAfterMilliseconds = retryable == 1 && after > 0 ? min(after, 86_400_000) : nil
    }
}
