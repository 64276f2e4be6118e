/// Searching: an attempt at each place where a match can begin, until their work exceeds what the text's length allows;
/// then one pass from the end of the text that knows the longest match from every state.
extension RegexProgram {
    /// Steps that attempts which fail may take for each byte of the text.
    static let failingSteps = 4

    /// The next state, and how many bytes of the text it takes. Bytes that are no UTF-8 lead to the dead state.
    @inline(__always)
    func step(_ state: UInt16, _ bytes: UnsafeRawBufferPointer, _ at: Int) -> (state: UInt16, width: Int) {
        let byte = bytes[at]
        if readsBytes || byte < 0x80 { return (table[Int(state) + Int(byteClasses[Int(byte)])], 1) }
        let (scalar, width) = Self.decode(bytes, at)
        if width == 0 { return (0, 1) }
        return (table[Int(state) + Int(alphabet.classOf(scalar))], width)
    }

    /// The scalar beyond ASCII that begins at a place; width 0 when none does.
    @inline(__always)
    static func decode(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> (scalar: UInt32, width: Int) {
        func next(_ offset: Int) -> UInt32 { UInt32(bytes[at + offset] & 0x3F) }
        let lead = UInt32(bytes[at])
        if lead < 0xC0 { return (0, 0) }
        if lead < 0xE0 { return at + 2 > bytes.count ? (0, 0) : ((lead & 0x1F) << 6 | next(1), 2) }
        if lead < 0xF0 {
            return at + 3 > bytes.count ? (0, 0) : ((lead & 0x0F) << 12 | next(1) << 6 | next(2), 3)
        }
        return at + 4 > bytes.count ? (0, 0) : ((lead & 0x07) << 18 | next(1) << 12 | next(2) << 6 | next(3), 4)
    }

    /// The end of the longest match that begins at a place; -1 when none does. `at` is left where the attempt stopped.
    @inline(__always)
    func attempt(_ bytes: UnsafeRawBufferPointer, _ at: inout Int, endsAtEnd: Bool) -> Int {
        var state = start
        var end = state >= firstAccepting ? at : -1
        while at < bytes.count {
            let (next, width) = step(state, bytes, at)
            if next == 0 { return endsAtEnd ? -1 : end }
            at += width
            state = next
            if state >= firstAccepting { end = at }
        }
        return endsAtEnd && end != at ? -1 : end
    }
}

extension RegexProgram {
    /// The leftmost longest match at or behind a place, in a pass from the end of the text: as many steps as states, for
    /// each scalar.
    func leftmost(
        _ text: UnsafeRawBufferPointer, from: Int, endsAtEnd: Bool, _ steps: inout Int
    ) -> (start: Int, end: Int)? {
        // By state: the end of the longest match that goes on from here with this state, or -1.
        var ends = Array(repeating: -1, count: stateCount)
        var moved = ends
        func settle(_ at: Int) {
            if endsAtEnd, at < text.count { return }
            for state in Int(firstAccepting) / stride..<stateCount where moved[state] < 0 { moved[state] = at }
        }
        var found: (start: Int, end: Int)?
        var at = text.count
        while true {
            settle(at)
            swap(&ends, &moved)
            steps += stateCount
            if ends[Int(start) / stride] >= 0 { found = (at, ends[Int(start) / stride]) }
            guard at > from else { return found }
            at -= 1
            if !readsBytes { while at > from, text[at] & 0xC0 == 0x80 { at -= 1 } }
            moved[0] = -1
            for state in 1..<stateCount {
                moved[state] = ends[Int(step(UInt16(state * stride), text, at).state) / stride]
            }
        }
    }
}
