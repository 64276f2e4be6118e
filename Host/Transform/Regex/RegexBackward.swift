/// The pass from the end of the text: for each place, the longest match that begins there, in as many steps as there are
/// states. It is what searching falls back on when attempts that fail pile up, like those of `[0-9]+x` in a long number.
extension RegexProgram {
    /// The leftmost longest match at or behind a place.
    @inline(never)
    func leftmost(_ text: UnsafeRawBufferPointer, from: Int, _ steps: inout Int) -> Ends? {
        var found: Ends?
        backward(text, from: from, &steps) { found = ($0, $1) }
        return found
    }

    /// The end of the longest match that begins at each place of a text from `from` on, or -1.
    func allEnds(_ text: UnsafeRawBufferPointer, from: Int, _ steps: inout Int) -> [Int32] {
        var ends = Array(repeating: -1 as Int32, count: text.count - from + 1)
        backward(text, from: from, &steps) { ends[$0 - from] = Int32(truncatingIfNeeded: $1) }
        return ends
    }

    /// Calls `body` with start and end of the longest match at each place that has one, from the last place to the first.
    @inline(__always)
    private func backward(
        _ text: UnsafeRawBufferPointer, from: Int, _ steps: inout Int, _ body: (Int, Int) -> Void
    ) {
        // By state: the end of the longest match that goes on from here in this state, or -1.
        var ends = Array(repeating: -1, count: stateCount)
        var earlier = ends
        let first = Int(start) / stride
        let accepting = Int(firstAccepting) / stride
        guard let base = text.baseAddress else { return canMatchEmpty ? body(0, 0) : () }
        let bytes = base.assumingMemoryBound(to: UInt8.self)
        var at = text.count
        while true {
            if !endsAtEnd || at == text.count {
                for state in accepting..<stateCount where ends[state] < 0 { ends[state] = at }
            }
            steps += stateCount
            if ends[first] >= 0, at == 0 || !startsAtBeginning { body(at, ends[first]) }
            guard at > from else { return }
            at -= 1
            if !readsBytes { while at > from, bytes[at] & 0xC0 == 0x80 { at -= 1 } }
            for state in 1..<stateCount {
                let next = step(UInt16(state * stride), bytes, at, text.count).state
                earlier[state] = ends[Int(next) / stride]
            }
            swap(&ends, &earlier)
        }
    }
}
