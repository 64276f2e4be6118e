/// The bytes of a text that is being looked through; borrowed.
struct Text {
    private let bytes: UnsafeBufferPointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var count: Int { bytes.count }
    subscript(_ place: Int) -> UInt8 { bytes[place] }

    /// The byte at a place, or 0 outside of the text.
    func at(_ place: Int) -> UInt8 { place >= 0 && place < bytes.count ? bytes[place] : 0 }

    func isDigit(_ place: Int) -> Bool { at(place) &- 0x30 < 10 }
    /// An ASCII letter, or any byte of a scalar outside of ASCII.
    func isLetter(_ place: Int) -> Bool {
        let byte = at(place)
        return (byte | 0x20) &- 0x61 < 26 || byte >= 0x80
    }
    func isASCIILetter(_ place: Int) -> Bool { (at(place) | 0x20) &- 0x61 < 26 }
    func isWord(_ place: Int) -> Bool { isDigit(place) || isLetter(place) }
    func isHexadecimal(_ place: Int) -> Bool { isDigit(place) || (at(place) | 0x20) &- 0x61 < 6 }

    /// The first place from `start` on that holds a digit, an `@`, a `:` or a `=`.
    func nextTrigger(from start: Int) -> Int {
        var place = start
        let count = bytes.count
        guard let base = bytes.baseAddress else { return count }
        while place + 16 <= count {
            let chunk = UnsafeRawPointer(base + place).loadUnaligned(as: SIMD16<UInt8>.self)
            // Digits and the colon are neighbours: 0x30 to 0x3A.
            let hits = ((chunk &- 0x30) .< 11) .| (chunk .== 0x40) .| (chunk .== 0x3D)
            if any(hits) { break }
            place += 16
        }
        while place < count {
            let byte = bytes[place]
            if byte &- 0x30 < 11 || byte == 0x40 || byte == 0x3D { return place }
            place += 1
        }
        return count
    }
}
