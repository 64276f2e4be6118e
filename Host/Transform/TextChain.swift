/// Unary text steps that run on a cell while it is in the cache, one after the other.
enum TextOp: Sendable, Equatable {
    case trim, collapse, upper, lower
}

/// Two buffers for cells under way; a step reads what the step before it wrote into the other one.
///
/// One to a run: they grow to the longest cell and are reused for every row.
final class Scratch {
    private var buffers: (UnsafeMutableRawBufferPointer, UnsafeMutableRawBufferPointer)
    private var second = false

    init() {
        buffers = (.allocate(byteCount: 256, alignment: 16), .allocate(byteCount: 256, alignment: 16))
    }

    deinit {
        buffers.0.deallocate()
        buffers.1.deallocate()
    }

    /// The buffer that the last call did not return, with room for `count` bytes.
    @inline(__always)
    func next(_ count: Int) -> UnsafeMutableRawBufferPointer {
        second.toggle()
        let buffer = second ? buffers.1 : buffers.0
        return buffer.count >= count ? buffer : grow(count)
    }

    @inline(never)
    private func grow(_ count: Int) -> UnsafeMutableRawBufferPointer {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1024) * 2, alignment: 16)
        if second {
            buffers.1.deallocate()
            buffers.1 = larger
        } else {
            buffers.0.deallocate()
            buffers.0 = larger
        }
        return larger
    }
}

extension TextOp {
    /// The cell after the step: a part of the given bytes, or of the scratch until its next but one use.
    @inline(__always)
    func apply(_ bytes: UnsafeRawBufferPointer, _ scratch: Scratch) -> UnsafeRawBufferPointer {
        switch self {
        case .trim: WhiteSpace.trimmed(bytes)
        case .collapse: Self.collapse(bytes, scratch)
        case .upper: Self.change(bytes, .upper, scratch)
        case .lower: Self.change(bytes, .lower, scratch)
        }
    }

    @inline(__always)
    private static func collapse(_ bytes: UnsafeRawBufferPointer, _ scratch: Scratch) -> UnsafeRawBufferPointer {
        let start = WhiteSpace.firstToCollapse(bytes)
        if start == bytes.count { return bytes }
        let out = scratch.next(bytes.count)
        let count = WhiteSpace.collapse(bytes, from: start, into: out)
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(out)[0..<count])
    }

    @inline(__always)
    private static func change(
        _ bytes: UnsafeRawBufferPointer, _ letters: LetterCase, _ scratch: Scratch
    ) -> UnsafeRawBufferPointer {
        let start = letters.firstToChange(bytes)
        if start == bytes.count { return bytes }
        let out = scratch.next(bytes.count * 2)
        let count = letters.map(bytes, from: start, into: out)
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(out)[0..<count])
    }
}

/// A register and the text steps that are applied to its cells on the way to their reader.
struct Operand: Sendable {
    let register: Int
    let chain: [TextOp]

    @inline(__always)
    func apply(_ bytes: UnsafeRawBufferPointer, _ scratch: Scratch) -> UnsafeRawBufferPointer {
        var cell = bytes
        for op in chain { cell = op.apply(cell, scratch) }
        return cell
    }
}
