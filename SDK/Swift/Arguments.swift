internal import SluiceABI

// The rules for arguments (docs/abi.md): each is looked at before any is used, so that a refused call changes nothing.

/// The pointer, or a failure that names the argument.
func required<Pointer>(_ pointer: Pointer?, _ argument: StaticString) throws(PluginFailure) -> Pointer {
    guard let pointer else { throw .missing(argument) }
    return pointer
}

/// A text that the caller wants filled: there, and of a size that we know.
func requiredOutput(
    _ out: UnsafeMutablePointer<sluice_text>?
) throws(PluginFailure) -> UnsafeMutablePointer<sluice_text> {
    let out = try required(out, "text to fill")
    guard out.pointee.struct_size >= UInt32(SLUICE_TEXT_SIZE_V1) else {
        throw PluginFailure(message: "The caller's sluice_text is smaller than version 1.")
    }
    return out
}

/// Floats that the caller wants filled: there, and of a size that we know.
func requiredOutput(
    _ out: UnsafeMutablePointer<sluice_floats>?
) throws(PluginFailure) -> UnsafeMutablePointer<sluice_floats> {
    let out = try required(out, "floats to fill")
    guard out.pointee.struct_size >= UInt32(SLUICE_FLOATS_SIZE_V1) else {
        throw PluginFailure(message: "The caller's sluice_floats is smaller than version 1.")
    }
    return out
}

/// The bytes that an argument lends; nothing is read when pointer and size contradict each other.
private func lent(
    _ data: UnsafeRawPointer?, _ size: UInt64, _ argument: StaticString
) throws(PluginFailure) -> UnsafeRawBufferPointer {
    guard size <= SLUICE_TEXT_MAX, let count = Int(exactly: size) else {
        throw PluginFailure(message: "The caller's \(argument) is longer than 1 GiB.")
    }
    guard count > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    guard let data else { throw PluginFailure(message: "The caller's \(argument) has a size and no data.") }
    return UnsafeRawBufferPointer(start: data, count: count)
}

extension sluice_str {
    /// The borrowed bytes, valid as long as the caller lends them.
    func checked(_ argument: StaticString) throws(PluginFailure) -> UnsafeRawBufferPointer {
        try lent(data.map { UnsafeRawPointer($0) }, size, argument)
    }

    /// A copy of the text; ill-formed UTF-8 becomes U+FFFD.
    func checkedString(_ argument: StaticString) throws(PluginFailure) -> String {
        String(decoding: try checked(argument), as: UTF8.self)
    }
}

extension sluice_bytes {
    /// The borrowed bytes, valid as long as the caller lends them.
    func checked(_ argument: StaticString) throws(PluginFailure) -> UnsafeRawBufferPointer {
        try lent(data.map { UnsafeRawPointer($0) }, size, argument)
    }
}

extension UnsafeMutablePointer where Pointee == ArrowArray {
    /// The batch, or a failure when it was released: it stays the caller's then.
    func checked() throws(PluginFailure) -> Self {
        guard pointee.release != nil else { throw PluginFailure(message: "The batch was already released.") }
        return self
    }
}

extension UnsafePointer where Pointee == ArrowSchema {
    /// The schema, or a failure when it was released.
    func checked() throws(PluginFailure) -> Self {
        guard pointee.release != nil else { throw PluginFailure(message: "The schema was already released.") }
        return self
    }
}
