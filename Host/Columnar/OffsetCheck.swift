internal import CVector

/// Whether the offsets of a text or binary column make values out of its bytes, and whether those are text.
///
/// The bytes are checked piece by piece as they arrive.
struct OffsetCheck {
    let offsets: Buffer
    let values: Buffer
    /// At least one; `offsets` has room for one more.
    let rows: Int
    let arrival: Arrival

    /// What is wrong, or nil.
    func fault(isText: Bool) -> String? {
        arrival.need(offsets.offset + 4)
        let first = offset(0)
        guard first >= 0 else { return "an offset is negative" }
        guard riseAll() else { return "offsets are not monotone" }
        guard first == 0 else { return "the first offset is not 0" }
        let last = offset(rows)
        guard last <= values.count else { return "offsets reach behind the values" }
        guard isText, last > 0 else { return nil }
        return isWholeText(last) ? nil : "text is not UTF-8"
    }

    private func offset(_ row: Int) -> Int {
        Int(offsets.pointer.loadUnaligned(fromByteOffset: row * 4, as: Int32.self))
    }

    private func riseAll() -> Bool {
        let step = Arrival.piece / 4
        for start in stride(from: 0, to: rows, by: step) {
            // The first offset of the next piece belongs to both.
            let count = min(step, rows - start) + 1
            arrival.need(offsets.offset + (start + count) * 4)
            if cvector_never_falls(offsets.pointer + start * 4, count) == 0 { return false }
        }
        return true
    }

    /// The whole is well-formed and every cut is on a scalar's first byte: then every value is well-formed.
    private func isWholeText(_ size: Int) -> Bool {
        let text = values.pointer
        var at = 0
        var row = 1
        while at < size {
            var end = min(at + Arrival.piece, size)
            arrival.need(values.offset + min(end + 1, size))
            if end < size { end = boundary(before: end, in: text) }
            let kind = cvector_text(text + at, end - at)
            if kind == CVECTOR_INVALID { return false }
            let next = firstRow(from: row, startingAt: end)
            if kind != CVECTOR_ASCII, next > row,
                cvector_cuts_are_clean(offsets.pointer + row * 4, next - row, text, end) == 0
            {
                return false
            }
            (at, row) = (end, next)
        }
        return true
    }

    /// The scalar that begins at that place or reaches over it. Where there is none the place itself: what is cut there is
    /// then not well-formed, and found to be so.
    private func boundary(before place: Int, in text: UnsafeRawPointer) -> Int {
        for back in 0..<4 where text.load(fromByteOffset: place - back, as: UInt8.self) & 0xC0 != 0x80 {
            return place - back
        }
        return place
    }

    /// The first row at or behind `row` whose value begins at that place or later, by halves: the offsets rise.
    private func firstRow(from row: Int, startingAt place: Int) -> Int {
        var (low, high) = (row, rows)
        while low < high {
            let middle = (low + high) / 2
            if offset(middle) < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
