/// Turns blocks of another encoding into UTF-8, and positions in that UTF-8 back into source bytes.
///
/// What the encoding does not define becomes ill-formed UTF-8, so that the one check of a record finds it: a lone
/// surrogate its three-byte pattern, an undefined or cut byte 0xFF.
struct Transcoder {
    let encoding: SourceEncoding

    /// Bytes of UTF-8 that `count` source bytes may become at most.
    static func room(for count: Int) -> Int { count * 3 + 8 }

    /// Append the UTF-8 of `source` at `out` and return how much was read and written.
    ///
    /// Unless `isFinal`, up to three bytes at the end may stay unread: show them again with what follows.
    func transcode(
        _ source: UnsafeRawBufferPointer, isFinal: Bool, to out: UnsafeMutablePointer<UInt8>
    ) -> (read: Int, written: Int) {
        encoding.isUTF16
            ? utf16(source, isFinal: isFinal, to: out) : (source.count, singleBytes(source, to: out))
    }

    private func singleBytes(_ source: UnsafeRawBufferPointer, to out: UnsafeMutablePointer<UInt8>) -> Int {
        var written = 0
        for byte in source {
            if byte < 0x80 {
                out[written] = byte
                written += 1
            } else if byte < 0xA0, encoding == .windows1252 {
                let scalar = Transcoder.windows1252[Int(byte) - 0x80]
                if scalar == 0 {
                    out[written] = 0xFF
                    written += 1
                } else {
                    written += Transcoder.put(scalar, at: out + written)
                }
            } else {
                written += Transcoder.put(UInt32(byte), at: out + written)
            }
        }
        return written
    }

    private func utf16(
        _ source: UnsafeRawBufferPointer, isFinal: Bool, to out: UnsafeMutablePointer<UInt8>
    ) -> (read: Int, written: Int) {
        let low = encoding == .utf16LittleEndian ? 0 : 1
        var at = 0
        var written = 0
        while at + 2 <= source.count {
            let unit = UInt32(source[at + low]) | UInt32(source[at + 1 - low]) << 8
            if unit >= 0xD800, unit < 0xDC00 {
                if at + 4 > source.count {
                    if !isFinal { break }
                } else {
                    let next = UInt32(source[at + 2 + low]) | UInt32(source[at + 3 - low]) << 8
                    if next >= 0xDC00, next < 0xE000 {
                        written += Transcoder.put(0x10000 + (unit - 0xD800) << 10 + (next - 0xDC00), at: out + written)
                        at += 4
                        continue
                    }
                }
            }
            written += Transcoder.put(unit, at: out + written)
            at += 2
        }
        if isFinal, at < source.count {
            out[written] = 0xFF
            written += 1
            at = source.count
        }
        return (at, written)
    }

    /// The source bytes that a stretch of UTF-8 came from.
    func sourceBytes(of text: UnsafeRawBufferPointer) -> Int {
        if encoding == .utf8 { return text.count }
        var units = 0
        for byte in text where byte & 0xC0 != 0x80 {
            // Outside the basic plane UTF-16 takes two units; 0xFF stands for one unit that was undefined.
            units += byte >= 0xF0 && byte < 0xF8 && encoding.isUTF16 ? 2 : 1
        }
        return encoding.isUTF16 ? units * 2 : units
    }

    private static func put(_ scalar: UInt32, at out: UnsafeMutablePointer<UInt8>) -> Int {
        switch scalar {
        case 0..<0x80:
            out[0] = UInt8(scalar)
            return 1
        case 0x80..<0x800:
            out[0] = UInt8(0xC0 | scalar >> 6)
            out[1] = UInt8(0x80 | scalar & 0x3F)
            return 2
        case 0x800..<0x10000:
            out[0] = UInt8(0xE0 | scalar >> 12)
            out[1] = UInt8(0x80 | scalar >> 6 & 0x3F)
            out[2] = UInt8(0x80 | scalar & 0x3F)
            return 3
        default:
            out[0] = UInt8(0xF0 | scalar >> 18 & 0x07)
            out[1] = UInt8(0x80 | scalar >> 12 & 0x3F)
            out[2] = UInt8(0x80 | scalar >> 6 & 0x3F)
            out[3] = UInt8(0x80 | scalar & 0x3F)
            return 4
        }
    }

    /// 0x80 … 0x9F of Windows-1252; 0 where nothing is defined.
    private static let windows1252: [UInt32] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
        0x0178,
    ]
}
