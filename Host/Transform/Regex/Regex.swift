/// A pattern of the DSL's own subset (docs/dsl.md, "Patterns").
public struct Regex: Sendable {
    /// As it was written.
    public let source: String
}

extension Regex: Hashable {
    public static func == (a: Regex, b: Regex) -> Bool { a.source == b.source }
    public func hash(into hasher: inout Hasher) { hasher.combine(source) }
}
