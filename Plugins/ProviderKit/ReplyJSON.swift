public import SluiceSDK

extension Failure {
    /// A reply that cannot be read as what it should be: nobody may guess what it was, and no one else is asked.
    public static func unreadable(_ what: String, status: Int? = nil) -> Failure {
        Failure(
            .quarantineRequired, reason: "unreadable",
            message: "The provider's answer cannot be used: \(what). Look at the server, or at what stands before it.",
            status: status)
    }

    static func oversize(_ what: String) -> Failure {
        Failure(
            .quarantineRequired, reason: "answer_size",
            message: "The provider's answer is too large: \(what) is above its limit.")
    }

    /// A stream that ended before the protocol says that it ends.
    public static var cut: Failure {
        Failure(
            .transientError, reason: "cut",
            message: "The provider's answer ended before its end mark; the same request may succeed again.")
    }

    /// A call that this provider's protocol does not have.
    public static func notOffered(_ call: String) -> Failure {
        Failure(
            .deterministicFailure, scope: .provider, reason: "not_offered",
            message: "This provider does not offer \(call): use another one.")
    }
}

/// Reads the JSON of a provider. Unknown members are allowed, and a BOM; all else is as strict as `JSONValue`:
///
/// depth above 64, more than `valueLimit` values, invalid UTF-8, numbers out of range and repeated keys (which two readers would read differently) are
/// QUARANTINE_REQUIRED. The bytes are never part of a message.
public enum ReplyJSON {
    public static func read(_ bytes: [UInt8], status: Int? = nil) throws(Failure) -> JSONValue {
        if let value = parsed(bytes) { return value }
        throw .unreadable("it is no JSON that can be read", status: status)
    }

    /// An object, or QUARANTINE_REQUIRED.
    public static func object(_ bytes: [UInt8], status: Int? = nil) throws(Failure) -> JSONValue {
        let value = try read(bytes, status: status)
        guard value.object != nil else { throw .unreadable("it is no JSON object", status: status) }
        return value
    }

    /// The value, or nil when it cannot be read.
    public static func parsed(_ bytes: [UInt8]) -> JSONValue? {
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        return try? JSONValue(parsing: hasMark ? Array(bytes.dropFirst(3)) : bytes, atMost: valueLimit)
    }

    /// Twice the numbers of 256 vectors of 4,096 dimensions, which is the largest answer that anybody asks for; in
    /// memory a few hundred MiB at worst, below what the smallest of the plugins has.
    public static let valueLimit = 2 << 20

    /// A name that a server gave, fit for a ledger: visible ASCII, at most 128 bytes; nil for anything else.
    public static func name(_ text: String?) -> String? {
        guard let text, !text.isEmpty, text.utf8.count <= 128, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return text
    }

    /// A number of tokens that a server gave: not below zero, and nothing that no model could have made.
    public static func count(_ value: JSONValue?) -> Int? {
        guard let value = value?.double, value >= 0, value < 1e12 else { return nil }
        return Int(value)
    }
}
