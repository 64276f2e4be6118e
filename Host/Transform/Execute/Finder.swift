/// A pattern, ready to be looked for.
struct Finder: Sendable {
    /// nil for a pattern that cannot be looked for.
    init?(_ regex: Regex) { nil }

    /// The first match, or the first match's group; nil where there is none or the group took no part.
    @inline(__always)
    func find(_ bytes: UnsafeRawBufferPointer, group: Int) -> (start: Int, end: Int)? { nil }

    /// The first match that begins at `at` or behind it.
    @inline(__always)
    func find(_ bytes: UnsafeRawBufferPointer, from at: Int) -> (start: Int, end: Int)? { nil }
}
