/// A set of bytes, as the C loops take it.
///
/// `@unchecked Sendable`: the memory is written in `init` alone.
final class ByteSet: @unchecked Sendable {
    /// 256 of them, 1 for a member and 0 for another.
    let table: UnsafePointer<UInt8>
    /// Bytes beyond ASCII are members.
    let hasBeyond: Bool
    let complement: UnsafePointer<UInt8>

    /// The bytes of a class's scalars; nil when it tells scalars beyond ASCII apart, for which bytes are not enough.
    init?(_ member: RegexClass) {
        let set = member.scalars
        let beyond = set.ranges.filter { $0.upperBound >= 0x80 }
        guard
            beyond.isEmpty
                || (beyond.count == 1 && beyond[0].lowerBound <= 0x80 && beyond[0].upperBound == ScalarSet.last)
        else { return nil }
        hasBeyond = !beyond.isEmpty
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        let complement = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        for byte in 0..<256 {
            table[byte] = set.contains(UInt32(min(byte, 0x80))) ? 1 : 0
            complement[byte] = 1 - table[byte]
        }
        self.table = UnsafePointer(table)
        self.complement = UnsafePointer(complement)
    }

    deinit {
        table.deallocate()
        complement.deallocate()
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool { table[Int(byte)] == 1 }
}
