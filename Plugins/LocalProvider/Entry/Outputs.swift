import SluiceABI

/// Fills the ABI's owned outputs. Each is freed by its own `release`, which then sets itself to NULL.
enum Outputs {
    /// The text that a caller wants filled: there, and of a size that we know.
    static func checked(
        _ out: UnsafeMutablePointer<sluice_text>?
    ) throws(CallFailure) -> UnsafeMutablePointer<sluice_text> {
        guard let out, out.pointee.struct_size >= SLUICE_TEXT_SIZE_V1 else { throw .noPlace }
        return out
    }

    /// The floats that a caller wants filled: there, and of a size that we know.
    static func checked(
        _ out: UnsafeMutablePointer<sluice_floats>?
    ) throws(CallFailure) -> UnsafeMutablePointer<sluice_floats> {
        guard let out, out.pointee.struct_size >= SLUICE_FLOATS_SIZE_V1 else { throw .noPlace }
        return out
    }

    /// Hands a text over to the host. The caller's struct_size stays: its struct may be longer than the one known here.
    static func fill(_ out: UnsafeMutablePointer<sluice_text>, with text: String) {
        let (data, size) = copy(text)
        out.pointee.data = UnsafePointer(data)
        out.pointee.size = size
        out.pointee.private_data = UnsafeMutableRawPointer(data)
        out.pointee.release = { text in
            guard let text else { return }
            text.pointee.private_data?.deallocate()
            text.pointee.private_data = nil
            text.pointee.data = nil
            text.pointee.size = 0
            text.pointee.release = nil
        }
    }

    /// Hands vectors over to the host, which frees `data` by the release.
    static func fill(
        _ out: UnsafeMutablePointer<sluice_floats>, rows: Int, dimensions: Int,
        data: UnsafeMutableBufferPointer<Float>?
    ) {
        out.pointee.dimensions = UInt32(dimensions)
        out.pointee.rows = UInt64(rows)
        out.pointee.data = UnsafePointer(data?.baseAddress)
        out.pointee.private_data = UnsafeMutableRawPointer(data?.baseAddress)
        out.pointee.release = { floats in
            guard let floats else { return }
            floats.pointee.private_data?.deallocate()
            floats.pointee.private_data = nil
            floats.pointee.data = nil
            floats.pointee.rows = 0
            floats.pointee.release = nil
        }
    }

    /// Says why a call failed and returns the code; without room for it only the code goes out.
    static func fail(_ failure: CallFailure, _ error: UnsafeMutablePointer<sluice_error>?) -> sluice_status {
        guard let error, Int(error.pointee.struct_size) >= MemoryLayout<sluice_error>.size else { return failure.code }
        let (data, size) = copy(failure.message)
        // The caller's struct_size stays: its struct may be longer than the one this plugin knows.
        error.pointee.code = failure.code
        error.pointee.message = sluice_str(data: data, size: size)
        error.pointee.retryable = failure.code == SLUICE_TIMEOUT ? 1 : 0
        error.pointee.retry_after_ms = 0
        error.pointee.private_data = UnsafeMutableRawPointer(data)
        error.pointee.release = { error in
            guard let error else { return }
            error.pointee.private_data?.deallocate()
            error.pointee.private_data = nil
            error.pointee.message = sluice_str()
            error.pointee.release = nil
        }
        return failure.code
    }

    private static func copy(_ text: String) -> (data: UnsafeMutablePointer<CChar>, size: UInt64) {
        let data = UnsafeMutablePointer<CChar>.allocate(capacity: max(1, text.utf8.count))
        for (index, byte) in text.utf8.enumerated() { data[index] = CChar(bitPattern: byte) }
        return (data, UInt64(text.utf8.count))
    }
}

extension sluice_str {
    /// The text, or nil when it is not UTF-8.
    var string: String? {
        guard let bytes else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The bytes, or nil when pointer and size contradict each other, or it is longer than the ABI allows.
    var bytes: UnsafeBufferPointer<UInt8>? {
        guard size <= SLUICE_TEXT_MAX, let count = Int(exactly: size), data != nil || count == 0 else { return nil }
        let start = UnsafeRawPointer(data)?.assumingMemoryBound(to: UInt8.self)
        return UnsafeBufferPointer(start: start, count: count)
    }

    /// A constant of this library, which is never unloaded.
    init(_ constant: StaticString) {
        let start = UnsafeRawPointer(constant.utf8Start).assumingMemoryBound(to: CChar.self)
        self.init(data: start, size: UInt64(constant.utf8CodeUnitCount))
    }
}
