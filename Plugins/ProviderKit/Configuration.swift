public import SluiceSDK

/// A plugin's configuration: an unknown key is refused, so that a misspelt one does not pass for a wish that was heard.
public struct Configuration: Sendable {
    private let object: JSONObject

    /// - Throws: DETERMINISTIC_FAILURE that names the known keys.
    public init(_ object: JSONObject, known: [String]) throws(Failure) {
        guard object.keys.allSatisfy({ known.contains($0) }) else {
            throw Self.wrong(
                known.isEmpty ? "it has no keys" : "an unknown key; known are \(known.joined(separator: ", "))")
        }
        self.object = object
    }

    /// A text that is not empty; nil when the key is absent or null.
    public func text(_ key: String) throws(Failure) -> String? {
        guard let value = object[key], !value.isNull else { return nil }
        guard let text = value.string, !text.isEmpty else { throw Self.wrong("/\(key) is no text") }
        return text
    }

    /// One of the cases of an enumeration.
    public func choice<Choice: RawRepresentable>(
        _ key: String, of type: Choice.Type
    ) throws(Failure) -> Choice? where Choice.RawValue == String {
        guard let name = try text(key) else { return nil }
        guard let choice = Choice(rawValue: name) else { throw Self.wrong("/\(key) is none of the known words") }
        return choice
    }

    /// A whole number of at least `least`.
    public func count(_ key: String, from least: Int64 = 0) throws(Failure) -> Int? {
        guard let value = object[key], !value.isNull else { return nil }
        guard let whole = value.int, whole >= least, let count = Int(exactly: whole) else {
            throw Self.wrong("/\(key) is no whole number of at least \(least)")
        }
        return count
    }

    public static func wrong(_ what: String) -> Failure {
        Failure(.deterministicFailure, scope: .provider, reason: "configuration", message: "config: \(what).")
    }
}
