/// Where plans meet patterns and zones: what of them the language has to know.
enum PlanSeams {
    /// What is not allowed, and what is.
    struct Mistake: Error {
        let reason: String
        let hint: String
    }

    /// Longest pattern in bytes.
    static let maximumPattern = 256

    static func regex(_ source: String) throws(Mistake) -> Regex {
        do { return try Regex(source) } catch { throw Mistake(reason: error.reason, hint: error.hint) }
    }

    static func hasGroup(_ regex: Regex) -> Bool { regex.groupCount > 0 }

    static func canMatchEmpty(_ regex: Regex) -> Bool { regex.canMatchEmpty }

    static func hasOffset(_ pattern: DatePattern) -> Bool { pattern.source.contains("XXX") }
    static func hasShortYear(_ pattern: DatePattern) -> Bool {
        pattern.source.contains("yy") && !pattern.source.contains("yyyy")
    }

    static func zoneMistake(_ name: String) -> Mistake? {
        Zone(name: name) == nil
            ? Mistake(
                reason: "there is no zone \(Rejection.quoted(name))", hint: "For example \"Europe/Berlin\" or \"UTC\".")
            : nil
    }
}
