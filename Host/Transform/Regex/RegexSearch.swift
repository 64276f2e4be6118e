internal import Glibc

/// Searching: an attempt at each place where a match can begin, until the work of those that fail exceeds what the
/// text's length allows; then one pass from the end of the text (RegexBackward.swift). Both are linear in the text.
///
/// Steps are counted for tests: one for each byte or state that is looked at.
extension RegexProgram {
    /// Steps that attempts which fail may take for each byte of the text, and once for each text.
    static let failingSteps = (perByte: 4, perText: 64)

    /// A match without its group, in bytes of the text.
    typealias Ends = (start: Int, end: Int)

    /// The leftmost match that begins at `from` or behind it, the longest there.
    @inline(__always)
    func find(_ text: UnsafeRawBufferPointer, from: Int, steps: inout Int) -> Ends? {
        guard text.count - from >= leastBytes, from >= 0, from == 0 || !startsAtBeginning else { return nil }
        // Only the empty text has no address.
        guard let base = text.baseAddress else { return canMatchEmpty ? (0, 0) : nil }
        let bytes = base.assumingMemoryBound(to: UInt8.self)
        if isRun { return run(bytes, from, text.count, &steps) }
        return readsBytes
            ? find(text, bytes, from, decodes: false, &steps) : find(text, bytes, from, decodes: true, &steps)
    }

    @inline(__always)
    private func run(_ bytes: UnsafePointer<UInt8>, _ from: Int, _ count: Int, _ steps: inout Int) -> Ends? {
        guard let start = candidate(bytes, from, count) else {
            steps += count - from
            return nil
        }
        var end = start + 1
        while end < count, loopBytes[Int(bytes[end])] != 0 { end += 1 }
        steps += end - from
        return (start, end)
    }

    /// The first place from `at` on where a match that is not empty can begin.
    @inline(__always)
    private func candidate(_ bytes: UnsafePointer<UInt8>, _ at: Int, _ count: Int) -> Int? {
        if let beginning {
            guard let found = memchr(bytes + at, Int32(beginning), count - at) else { return nil }
            return UnsafeRawPointer(found) - UnsafeRawPointer(bytes)
        }
        var at = at
        while at < count {
            if beginnings[Int(bytes[at])] != 0 { return at }
            at += 1
        }
        return nil
    }

    @inline(__always)
    private func find(
        _ text: UnsafeRawBufferPointer, _ bytes: UnsafePointer<UInt8>, _ from: Int, decodes: Bool, _ steps: inout Int
    ) -> Ends? {
        let count = text.count
        var place = from
        var budget = (count - from) * Self.failingSteps.perByte + Self.failingSteps.perText
        while true {
            if !canMatchEmpty, !startsAtBeginning {
                guard let next = candidate(bytes, place, count) else {
                    steps += count - place
                    return nil
                }
                steps += next - place
                place = next
            }
            var at = place
            let end =
                decodes ? attemptScalars(bytes, &at, count) : attemptBytes(bytes, &at, count)
            steps += at - place + 1
            if end >= 0 { return (place, end) }
            if startsAtBeginning { return nil }
            budget -= at - place
            place += 1
            while place < count, bytes[place] & 0xC0 == 0x80 { place += 1 }
            if count - place < leastBytes { return nil }
            if budget < 0 { return leftmost(text, from: place, &steps) }
        }
    }

    /// The end of the longest match that begins at `at`, or -1. `at` is left where nothing went on.
    @inline(__always)
    private func attemptBytes(_ bytes: UnsafePointer<UInt8>, _ at: inout Int, _ count: Int) -> Int {
        var state = start
        var end = state >= firstAccepting ? at : -1
        while at < count {
            state = table[Int(state) &+ Int(byteClasses[Int(bytes[at])])]
            if state == 0 { return endsAtEnd ? -1 : end }
            at &+= 1
            if state >= loops.lowerBound, state < loops.upperBound {
                let loop = loopBytes + Int(loopPlaces[Int(state)]) &* 256
                while at < count, loop[Int(bytes[at])] != 0 { at &+= 1 }
            }
            if state >= firstAccepting { end = at }
        }
        return endsAtEnd && end != at ? -1 : end
    }

    /// The same where scalars beyond ASCII are told apart.
    @inline(__always)
    private func attemptScalars(_ bytes: UnsafePointer<UInt8>, _ at: inout Int, _ count: Int) -> Int {
        var state = start
        var end = state >= firstAccepting ? at : -1
        while at < count {
            let width: Int
            (state, width) = step(state, bytes, at, count)
            if state == 0 { return endsAtEnd ? -1 : end }
            at &+= width
            if state >= loops.lowerBound, state < loops.upperBound {
                let loop = loopBytes + Int(loopPlaces[Int(state)]) &* 256
                while at < count, loop[Int(bytes[at])] != 0 { at &+= 1 }
            }
            if state >= firstAccepting { end = at }
        }
        return endsAtEnd && end != at ? -1 : end
    }

    /// The next state, and how many bytes of the text it takes. Bytes that are no UTF-8 lead to the dead state.
    @inline(__always)
    func step(_ state: UInt16, _ bytes: UnsafePointer<UInt8>, _ at: Int, _ count: Int) -> (state: UInt16, width: Int) {
        let byte = bytes[at]
        if readsBytes || byte < 0x80 { return (table[Int(state) &+ Int(byteClasses[Int(byte)])], 1) }
        let width = byte < 0xC0 ? 0 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        guard width > 0, at + width <= count else { return (0, 1) }
        var scalar = UInt32(byte) & (0x7F >> UInt32(width))
        for place in 1..<width { scalar = scalar << 6 | UInt32(bytes[at &+ place] & 0x3F) }
        var low = 0
        var high = rangeCount
        while high - low > 1 {
            let middle = (low + high) / 2
            if rangeStarts[middle] <= scalar { low = middle } else { high = middle }
        }
        return (table[Int(state) &+ Int(rangeClasses[low])], width)
    }

    /// A match of which both ends are known, with its group.
    @inline(__always)
    func match(_ text: UnsafeRawBufferPointer, _ found: Ends, steps: inout Int) -> RegexMatch {
        let (start, end) = found
        return switch group {
        case .none: RegexMatch(start: start, end: end, groupStart: -1, groupEnd: -1)
        case .beside(let before, let behind):
            RegexMatch(start: start, end: end, groupStart: start + before, groupEnd: end - behind)
        case .walk(let canBeAbsent): walk(text, start, end, canBeAbsent, &steps)
        }
    }

    /// Goes the one way through a match again: the group lies between the zones before and behind it.
    private func walk(
        _ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int, _ canBeAbsent: Bool, _ steps: inout Int
    ) -> RegexMatch {
        guard let base = text.baseAddress else {
            return RegexMatch(start: 0, end: 0, groupStart: canBeAbsent ? -1 : 0, groupEnd: canBeAbsent ? -1 : 0)
        }
        let bytes = base.assumingMemoryBound(to: UInt8.self)
        var state = self.start
        var at = start
        var groupStart = -1
        while at < end {
            let (next, width) = step(state, bytes, at, end)
            let zone = zones[Int(next)]
            if zone > 0, groupStart < 0 { groupStart = at }
            if zone > 1 { break }
            steps += 1
            state = next
            at += width
            if state >= loops.lowerBound, state < loops.upperBound {
                let loop = loopBytes + Int(loopPlaces[Int(state)]) &* 256
                let from = at
                while at < end, loop[Int(bytes[at])] != 0 { at &+= 1 }
                steps += at - from
            }
        }
        if groupStart < 0 { groupStart = at }
        if canBeAbsent, groupStart == at {
            return RegexMatch(start: start, end: end, groupStart: -1, groupEnd: -1)
        }
        return RegexMatch(start: start, end: end, groupStart: groupStart, groupEnd: at)
    }
}
