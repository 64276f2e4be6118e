internal import CRE2

/// A compiled RE2 pattern: linear time on any input.
///
/// `@unchecked Sendable`: RE2 objects may be matched from any thread, and nothing changes them.
final class Pattern: @unchecked Sendable {
    struct Failure: Error { let reason: String }

    private let compiled: OpaquePointer

    init(_ text: String) throws(Failure) {
        var message = [CChar](repeating: 0, count: 256)
        var text = text
        let made = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                cre2_compile($0.baseAddress, $0.count, 1, &message, message.count)
            }
        }
        guard let made else {
            let reason = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw Failure(reason: String(decoding: reason, as: UTF8.self))
        }
        compiled = made
    }

    deinit { cre2_free(compiled) }

    /// Whether the text contains a match.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        cre2_matches(compiled, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count) == 1
    }
}
