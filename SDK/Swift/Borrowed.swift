internal import SluiceABI

#if canImport(Glibc)
internal import Glibc
#endif

/// Copies that cross the boundary, freed by `free` in a release callback.
enum OwnedBytes {
    /// A `malloc`ed copy; nil for no bytes, and when memory is out.
    static func copy(_ bytes: [UInt8]) -> UnsafeMutableRawPointer? {
        guard !bytes.isEmpty, let copy = malloc(bytes.count) else { return nil }
        bytes.withUnsafeBytes { source in
            if let base = source.baseAddress { copy.copyMemory(from: base, byteCount: source.count) }
        }
        return copy
    }
}

extension String {
    /// A copy of borrowed text; ill-formed UTF-8 becomes U+FFFD.
    init(borrowed text: sluice_str) {
        guard let data = text.data, text.size > 0, let size = Int(exactly: text.size) else {
            self = ""
            return
        }
        self = data.withMemoryRebound(to: UInt8.self, capacity: size) { bytes in
            String(decoding: UnsafeBufferPointer(start: bytes, count: size), as: UTF8.self)
        }
    }

    /// Lend the UTF-8 bytes for one call.
    func lend<Result>(_ body: (sluice_str) -> Result) -> Result {
        var copy = self
        return copy.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return body(sluice_str(data: nil, size: 0)) }
            return base.withMemoryRebound(to: CChar.self, capacity: bytes.count) { characters in
                body(sluice_str(data: characters, size: UInt64(bytes.count)))
            }
        }
    }
}

extension sluice_str {
    /// Text that lives until the process ends; for the plugin's static table.
    static func immortal(_ text: String) -> sluice_str {
        guard let copy = OwnedBytes.copy(Array(text.utf8)) else { return sluice_str(data: nil, size: 0) }
        return sluice_str(
            data: UnsafePointer(copy.assumingMemoryBound(to: CChar.self)), size: UInt64(text.utf8.count))
    }
}

extension UnsafeMutablePointer where Pointee == sluice_text {
    /// Hand bytes to the caller of a checked output; `release` frees them and nulls itself.
    func give(_ bytes: [UInt8]) throws(PluginFailure) {
        let copy = OwnedBytes.copy(bytes)
        guard copy != nil || bytes.isEmpty else { throw .outOfMemory }
        pointee.data = copy.map { UnsafePointer($0.assumingMemoryBound(to: CChar.self)) }
        pointee.size = UInt64(bytes.count)
        pointee.private_data = copy
        pointee.release = { itself in
            guard let itself else { return }
            free(itself.pointee.private_data)
            itself.pointee.private_data = nil
            itself.pointee.data = nil
            itself.pointee.size = 0
            itself.pointee.release = nil
        }
    }
}

extension PluginFailure {
    static var outOfMemory: PluginFailure {
        PluginFailure(code: .transientError, message: "The plugin is out of memory.", isRetryable: true)
    }

    /// A required pointer of the caller was NULL.
    static func missing(_ argument: StaticString) -> PluginFailure {
        PluginFailure(message: "The caller gave no \(argument).")
    }
}
