internal import CVector

/// White space is the 25 code points with the Unicode property White_Space, here and everywhere in the DSL.
///
/// All functions take well-formed UTF-8.
enum WhiteSpace {
    /// Tab, line feed, vertical tab, form feed, carriage return and space.
    @inline(__always)
    static func isASCII(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    /// Bytes of the white-space scalar that begins at `at`; 0 when none does.
    @inline(__always)
    static func length(_ bytes: UnsafeRawBufferPointer, at: Int) -> Int {
        let byte = bytes[at]
        if byte < 0x80 { return isASCII(byte) ? 1 : 0 }
        return beyondASCII(bytes, at: at)
    }

    private static func beyondASCII(_ bytes: UnsafeRawBufferPointer, at: Int) -> Int {
        switch bytes[at] {
        case 0xC2: at + 1 < bytes.count && (bytes[at + 1] == 0x85 || bytes[at + 1] == 0xA0) ? 2 : 0
        case 0xE1, 0xE2, 0xE3: at + 2 < bytes.count && isThree(bytes[at], bytes[at + 1], bytes[at + 2]) ? 3 : 0
        default: 0
        }
    }

    /// U+1680, U+2000–U+200A, U+2028, U+2029, U+202F, U+205F and U+3000.
    private static func isThree(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> Bool {
        switch (a, b) {
        case (0xE1, 0x9A): c == 0x80
        case (0xE2, 0x80): (c >= 0x80 && c <= 0x8A) || c == 0xA8 || c == 0xA9 || c == 0xAF
        case (0xE2, 0x81): c == 0x9F
        case (0xE3, 0x80): c == 0x80
        default: false
        }
    }

    /// Bytes of the white-space scalar that ends before `end`; 0 when none does.
    @inline(__always)
    private static func length(_ bytes: UnsafeRawBufferPointer, before end: Int) -> Int {
        let byte = bytes[end - 1]
        if byte < 0x80 { return isASCII(byte) ? 1 : 0 }
        return beyondASCII(bytes, before: end)
    }

    private static func beyondASCII(_ bytes: UnsafeRawBufferPointer, before end: Int) -> Int {
        if end >= 2, bytes[end - 2] == 0xC2 { return bytes[end - 1] == 0x85 || bytes[end - 1] == 0xA0 ? 2 : 0 }
        return end >= 3 && isThree(bytes[end - 3], bytes[end - 2], bytes[end - 1]) ? 3 : 0
    }

    /// The bytes without white space at either end; a part of what was given.
    @inline(__always)
    static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var end = bytes.count
        // Most cells begin and end with a printable ASCII byte: one look at each end and they are done.
        guard end > 0 else { return bytes }
        let first = bytes[0]
        let last = bytes[end - 1]
        if first > 0x20, first < 0x80, last > 0x20, last < 0x80 { return bytes }
        var start = 0
        while start < end {
            let size = length(bytes, at: start)
            if size == 0 { break }
            start += size
        }
        while end > start {
            let size = length(bytes, before: end)
            if size == 0 { break }
            end -= size
        }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// Whether there is nothing but white space.
    @inline(__always)
    static func isBlank(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.count > 0, bytes[0] > 0x20, bytes[0] < 0x80 { return false }
        return trimmed(bytes).count == 0
    }

    /// The offset of the first white space that collapsing would change; the count when there is none.
    static func firstToCollapse(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let base = bytes.baseAddress, cvector_is_solid(base, bytes.count) == 0 else { return bytes.count }
        var at = 0
        let end = bytes.count
        while at < end {
            let byte = bytes[at]
            if byte > 0x20, byte < 0x80 {
                at += 1
                continue
            }
            let size = length(bytes, at: at)
            if size == 0 {
                at += 1
                continue
            }
            if byte != 0x20 || (at + 1 < end && length(bytes, at: at + 1) > 0) { return at }
            at += 1
        }
        return end
    }

    /// Writes the bytes with every run of white space as one U+0020; returns how many were written.
    ///
    /// `out` takes at least as many bytes as are given.
    static func collapse(
        _ bytes: UnsafeRawBufferPointer, from start: Int, into out: UnsafeMutableRawBufferPointer
    ) -> Int {
        out.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[0..<start]))
        var written = start
        var at = start
        let end = bytes.count
        while at < end {
            var size = length(bytes, at: at)
            if size == 0 {
                out[written] = bytes[at]
                written += 1
                at += 1
                continue
            }
            out[written] = 0x20
            written += 1
            while size > 0 {
                at += size
                size = at < end ? length(bytes, at: at) : 0
            }
        }
        return written
    }
}
