internal import CVector
internal import Columnar
internal import Glibc

/// map_dict: the texts of a dictionary behind an open-addressing table of their bytes.
///
/// `@unchecked Sendable`: the memory is written in `init` alone.
final class MapKernel: @unchecked Sendable {
    /// An entry, or an empty place where `key` has no base.
    private struct Slot {
        var key: Cell
        var value: Cell
        var hash: UInt32
    }

    private let slots: UnsafeMutablePointer<Slot>
    private let mask: Int
    private let texts: [FixedText]
    private let otherwise: Otherwise
    private let null: Cell
    /// Random in every process, so that nobody can choose keys that collide.
    private static let seed = UInt64.random(in: 0...UInt64.max)

    private enum Otherwise {
        case value(Cell), keep, error
    }

    init(_ mapping: Mapping) {
        var capacity = 16
        while capacity < mapping.map.count * 2 { capacity *= 2 }
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(key: .null, value: .null, hash: 0), count: capacity)
        mask = capacity - 1
        var texts: [FixedText] = []
        func keep(_ text: String?) -> Cell {
            guard let text else { return .null }
            texts.append(FixedText(text))
            return texts[texts.count - 1].cell
        }
        null = keep(mapping.null)
        otherwise =
            switch mapping.otherwise {
            case .null: .value(.null)
            case .text(let text): .value(keep(text))
            case .keep: .keep
            case .error: .error
            }
        for (key, value) in mapping.map {
            let key = keep(key)
            let hash = Self.hash(key.bytes)
            var place = Int(hash) & mask
            while slots[place].key.base != nil { place = (place + 1) & mask }
            slots[place] = Slot(key: key, value: keep(value), hash: hash)
        }
        self.texts = texts
    }

    deinit { slots.deallocate() }

    /// FNV-like over words, folded by multiplication.
    @inline(__always)
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let count = bytes.count
        var hash = seed ^ UInt64(truncatingIfNeeded: count)
        func mix(_ word: UInt64) {
            let (high, low) = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            hash = high ^ low
        }
        if count >= 8 {
            var at = 0
            while at + 8 < count {
                mix(bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
                at += 8
            }
            mix(bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
        } else if count >= 4 {
            let low = bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
            let high = bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
            mix(UInt64(high) << 32 | UInt64(low))
        } else if count > 0 {
            mix(UInt64(bytes[0]) | UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1]) << 16)
        } else {
            mix(0)
        }
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }

    func run(_ cells: Cells, _ out: Cells, _ count: Int, _ failures: inout Failures) {
        let (slots, mask) = (slots, mask)
        rows: for row in 0..<count {
            let cell = cells[row]
            guard let text = cell.base else {
                out[row] = null
                continue
            }
            let hash = Self.hash(cell.bytes)
            var place = Int(hash) & mask
            while let base = slots[place].key.base {
                if slots[place].hash == hash, slots[place].key.count == cell.count,
                    memcmp(base, text, cell.count) == 0
                {
                    out[row] = slots[place].value
                    continue rows
                }
                place = (place + 1) & mask
            }
            switch otherwise {
            case .value(let value): out[row] = value
            case .keep: out[row] = cell
            case .error:
                failures.add(row, .notInMap)
                out[row] = .null
            }
        }
    }
}
