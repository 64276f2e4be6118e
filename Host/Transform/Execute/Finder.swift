/// A pattern, ready to be looked for.
struct Finder: Sendable {
    private let regex: Regex

    init(_ regex: Regex) { self.regex = regex }

    /// The first match, or the first match's group; nil where there is none or the group took no part.
    @inline(__always)
    func find(_ bytes: UnsafeRawBufferPointer, group: Int) -> (start: Int, end: Int)? {
        if group == 0 { return regex.firstRange(in: bytes) }
        guard let match = regex.firstMatch(in: bytes), match.groupStart >= 0 else { return nil }
        return (match.groupStart, match.groupEnd)
    }

    /// An iterator over the matches of one text after the other.
    var separators: RegexSeparators { regex.separators }

    /// Whether there is a match.
    @inline(__always)
    func matches(_ bytes: UnsafeRawBufferPointer) -> Bool { regex.matches(bytes) }
}
