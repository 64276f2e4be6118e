internal import Glibc

/// How many different values there are: exact up to 256, then HyperLogLog with 4096 registers (Flajolet et al. 2007).
///
/// Values enter by a 64-bit hash alone, so that none can be read back. The estimate depends on the set of values only.
struct DistinctSketch: Sendable {
    static let exactLimit = 256
    private static let precision: UInt64 = 12
    private static let slotMask = 1023

    /// Open addressing; 0 is a free slot.
    private var slots = [UInt64](repeating: 0, count: DistinctSketch.slotMask + 1)
    private var exactCount = 0
    private var registers: [UInt8] = []
    private var last: UInt64 = 0

    /// Whether the count is exact.
    var isExact: Bool { registers.isEmpty }

    @inline(__always)
    mutating func insert(_ hash: UInt64) {
        let hash = hash == 0 ? 1 : hash
        // Columns repeat their values: the one before needs no search.
        if hash == last { return }
        last = hash
        if registers.isEmpty { insertExact(hash) } else { insertEstimated(hash) }
    }

    private mutating func insertExact(_ hash: UInt64) {
        var slot = Int(truncatingIfNeeded: hash) & Self.slotMask
        while slots[slot] != 0 {
            if slots[slot] == hash { return }
            slot = (slot + 1) & Self.slotMask
        }
        slots[slot] = hash
        exactCount += 1
        guard exactCount > Self.exactLimit else { return }
        registers = [UInt8](repeating: 0, count: 1 << Int(Self.precision))
        for known in slots where known != 0 { insertEstimated(known) }
        slots = []
    }

    @inline(__always)
    private mutating func insertEstimated(_ hash: UInt64) {
        let register = Int(truncatingIfNeeded: hash >> (64 - Self.precision))
        // The guard bit bounds the rank by the bits that are left.
        let rank = UInt8(
            truncatingIfNeeded: (hash << Self.precision | 1 << (Self.precision - 1)).leadingZeroBitCount + 1)
        if rank > registers[register] { registers[register] = rank }
    }

    var estimate: Int {
        if isExact { return exactCount }
        let size = Double(registers.count)
        var sum = 0.0
        var free = 0
        for rank in registers {
            sum += 1 / Double(UInt64(1) << UInt64(rank))
            if rank == 0 { free += 1 }
        }
        let raw = 0.7213 / (1 + 1.079 / size) * size * size / sum
        let estimate = raw <= 2.5 * size && free > 0 ? size * log(size / Double(free)) : raw
        return max(Self.exactLimit + 1, Int(estimate.rounded()))
    }
}

/// A 64-bit hash of bytes that is the same in every process; not for secrets and not against an adversary.
enum ValueHash {
    private static let a: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let b: UInt64 = 0xC2B2_AE3D_27D4_EB4F

    @inline(__always)
    static func mix(_ x: UInt64, _ y: UInt64) -> UInt64 {
        let product = x.multipliedFullWidth(by: y)
        return product.high ^ product.low
    }

    @inline(__always)
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = a ^ UInt64(truncatingIfNeeded: bytes.count) &* b
        var at = 0
        while at + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            state = mix(state ^ word, b) &+ a
            at += 8
        }
        var tail: UInt64 = 0
        while at < bytes.count {
            tail = tail << 8 | UInt64(bytes[at])
            at += 1
        }
        return finish(state ^ tail)
    }

    @inline(__always)
    static func hash(_ value: UInt64) -> UInt64 { finish(value ^ a) }

    @inline(__always)
    private static func finish(_ value: UInt64) -> UInt64 {
        // The finaliser spreads every input bit over the high bits, which choose the register.
        var state = value
        state = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        state = (state ^ state >> 27) &* 0x94D0_49BB_1331_11EB
        return state ^ state >> 31
    }
}
