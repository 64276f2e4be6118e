/// A pattern, ready to be looked for.
struct Finder: Sendable {
    private let regex: Regex

    init(_ regex: Regex) { self.regex = regex }

    /// The first match, or the first match's group; nil where there is none or the group took no part.
    @inline(__always)
    func find(_ bytes: UnsafeRawBufferPointer, group: Int) -> (start: Int, end: Int)? {
        guard let match = regex.firstMatch(in: bytes) else { return nil }
        if group == 0 { return (match.start, match.end) }
        return match.groupStart < 0 ? nil : (match.groupStart, match.groupEnd)
    }

    /// The first match that begins at `at` or behind it.
    @inline(__always)
    func find(_ bytes: UnsafeRawBufferPointer, from at: Int) -> (start: Int, end: Int)? {
        regex.firstMatch(in: bytes, from: at).map { ($0.start, $0.end) }
    }

    /// Whether there is a match.
    @inline(__always)
    func matches(_ bytes: UnsafeRawBufferPointer) -> Bool { regex.matches(bytes) }
}
