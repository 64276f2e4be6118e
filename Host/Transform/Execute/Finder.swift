internal import CVector

/// A pattern, ready to be looked for: by its automaton, or by a loop over bytes where its form allows it.
struct Finder: Sendable {
    private let regex: Regex
    let form: Form

    /// Forms that need no automaton. They say what the automaton says (`FinderTests`).
    enum Form: Sendable {
        case any
        /// `C+`, or `C` of bytes below 0x80.
        case run(ByteSet, isSingle: Bool)
        /// `^C{n,m}$` of bytes below 0x80, at least one, the group around it or nowhere.
        case whole(ByteSet, ClosedRange<Int>)
        /// `XC+$`, where X is a byte below 0x80 that is not in C, the group around `C+` or nowhere.
        case ending(UInt8, ByteSet)
    }

    init(_ regex: Regex) {
        self.init(regex, form: Form(regex))
    }

    init(_ regex: Regex, form: Form) {
        self.regex = regex
        self.form = form
    }

    /// The first match, or the first match's group; nil where there is none or the group took no part.
    @inline(__always)
    func find(_ bytes: UnsafeRawBufferPointer, group: Int) -> (start: Int, end: Int)? {
        switch form {
        case .whole(let set, let counts): return Self.whole(bytes, set.table, counts)
        case .ending(let first, let set): return Self.ending(bytes, first, set.table, group: group)
        case .run(let set, let isSingle) where group == 0:
            return Self.find(set, isSingle: isSingle, bytes, from: 0)
        case .any, .run: break
        }
        if group == 0 { return regex.firstRange(in: bytes) }
        guard let match = regex.firstMatch(in: bytes), match.groupStart >= 0 else { return nil }
        return (match.groupStart, match.groupEnd)
    }

    @inline(__always)
    static func whole(
        _ bytes: UnsafeRawBufferPointer, _ table: UnsafePointer<UInt8>, _ counts: ClosedRange<Int>
    ) -> (start: Int, end: Int)? {
        counts.contains(bytes.count) && cvector_all(bytes.baseAddress, bytes.count, table) == 1
            ? (0, bytes.count) : nil
    }

    @inline(__always)
    static func ending(
        _ bytes: UnsafeRawBufferPointer, _ first: UInt8, _ table: UnsafePointer<UInt8>, group: Int
    ) -> (start: Int, end: Int)? {
        let start = bytes.count - cvector_tail(bytes.baseAddress, bytes.count, table)
        guard start > 0, start < bytes.count, bytes[start - 1] == first else { return nil }
        return (group == 0 ? start - 1 : start, bytes.count)
    }

    /// The first run of a set that begins at `at` or behind it.
    @inline(__always)
    static func find(
        _ set: ByteSet, isSingle: Bool, _ bytes: UnsafeRawBufferPointer, from at: Int
    ) -> (start: Int, end: Int)? {
        var start = at
        while start < bytes.count, !set.contains(bytes[start]) { start += 1 }
        if start >= bytes.count { return nil }
        var end = start + 1
        if !isSingle { while end < bytes.count, set.contains(bytes[end]) { end += 1 } }
        return (start, end)
    }

    /// The set whose runs are the matches, and whether a run is one byte long; nil where that is no matter of bytes.
    var run: (set: ByteSet, isSingle: Bool)? {
        if case .run(let set, let isSingle) = form { (set, isSingle) } else { nil }
    }

    /// An iterator over the matches of one text after the other.
    var separators: RegexSeparators { regex.separators }

    /// Whether there is a match.
    @inline(__always)
    func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if case .any = form { regex.matches(bytes) } else { find(bytes, group: 0) != nil }
    }
}

extension Finder.Form {
    init(_ regex: Regex) {
        self = .any
        switch (regex.startsAtBeginning, regex.endsAtEnd) {
        case (false, false):
            guard regex.groupCount == 0, let run = Self.run(regex.tree) else { return }
            if run.least == 1, run.most == nil { self = .run(run.set, isSingle: false) }
            if run.least == 1, run.most == 1, !run.set.hasBeyond { self = .run(run.set, isSingle: true) }
        case (true, true):
            guard let run = Self.run(regex.tree), run.least > 0, !run.set.hasBeyond else { return }
            self = .whole(run.set, run.least...(run.most ?? Int.max))
        case (false, true):
            guard case .sequence(let parts) = regex.tree.kind, parts.count == 2,
                case .character(let head) = parts[0].kind, let first = head.single, first < 0x80,
                let run = Self.run(parts[1]), run.least == 1, run.most == nil,
                !run.set.contains(UInt8(truncatingIfNeeded: first))
            else { return }
            self = .ending(UInt8(truncatingIfNeeded: first), run.set)
        case (true, false): break
        }
    }

    /// A character or a repetition of one, also with the group around the whole.
    private static func run(_ node: RegexNode) -> (set: ByteSet, least: Int, most: Int?)? {
        switch node.kind {
        case .character(let member): return ByteSet(member).map { ($0, 1, 1) }
        case .group(let body): return run(body)
        case .repetition(let body, let least, let most):
            guard case .character(let member) = body.kind else { return nil }
            return ByteSet(member).map { ($0, least, most) }
        case .sequence(let parts): return parts.count == 1 ? run(parts[0]) : nil
        case .choice: return nil
        }
    }
}
