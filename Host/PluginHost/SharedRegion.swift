internal import CSystem
internal import Columnar
internal import Foundations
internal import Glibc

/// Memory that the host and one runner share, for the batches that go one way between them.
///
/// Made for one runner and never handed to another: it would carry one source's bytes to another source's plugin. It
/// stays as long as the runner, so that its pages are paid for once. Nobody can make the file smaller, so neither side
/// can take the ground from under the other.
final class SharedRegion {
    static let byteCount = Wire.slots * Wire.slotSize

    /// What the runner inherits.
    let file: Descriptor
    private let memory: UnsafeMutableRawPointer

    /// - Parameter isForReading: by the runner. It can then never map it for writing, and the host alone writes;
    ///   otherwise the runner writes, and the host can only read.
    /// - Returns: nil where the kernel has no such seal (before Linux 5.1): batches then go in frames.
    /// - Throws: `file.failed` for a system call that fails.
    init?(isForReading: Bool) throws(SluiceError) {
        let number = csystem_memfd(isForReading ? "to_runner" : "from_runner")
        guard number >= 0 else { throw SystemFailure.error("memfd_create") }
        file = Descriptor(owning: number)
        guard ftruncate(number, off_t(Self.byteCount)) == 0 else { throw SystemFailure.error("ftruncate") }
        // The host's mapping first: the seal forbids those that come later.
        guard let memory = csystem_map(number, Self.byteCount, isForReading ? 1 : 0) else {
            throw SystemFailure.error("mmap")
        }
        self.memory = memory
        guard csystem_seal_region(number, isForReading ? 1 : 0) == 0 else {
            guard errno == EINVAL else { throw SystemFailure.error("fcntl F_ADD_SEALS") }
            return nil
        }
    }

    deinit { munmap(memory, Self.byteCount) }

    /// One slot. Only the host's writing region may be written to.
    func slot(_ place: Int) -> UnsafeMutableRawBufferPointer {
        precondition((0..<Wire.slots).contains(place))
        return UnsafeMutableRawBufferPointer(start: memory + place * Wire.slotSize, count: Wire.slotSize)
    }
}

/// The regions of one runner: what its kind of plugin moves, and no more.
struct SharedRegions {
    /// Masked batches for a check.
    let toRunner: OutgoingSlots?
    /// A connector's rows.
    let fromRunner: IncomingSlots?
    /// Under which numbers the runner inherits them; -1: it does not.
    private(set) var toRunnerNumber: Int32 = -1
    private(set) var fromRunnerNumber: Int32 = -1

    init(for kind: PluginManifest.Kind) throws(SluiceError) {
        toRunner = kind == .check ? try SharedRegion(isForReading: true).map { OutgoingSlots($0) } : nil
        fromRunner = kind == .connector ? try SharedRegion(isForReading: false).map { IncomingSlots($0) } : nil
    }

    /// Address space that the runner needs for them.
    var byteCount: Int { SharedRegion.byteCount * ((toRunner == nil ? 0 : 1) + (fromRunner == nil ? 0 : 1)) }

    /// Gives them the next numbers: what is to be inherited as which.
    mutating func place(from next: inout Int32) -> [(file: Descriptor, number: Int32)] {
        var placed: [(file: Descriptor, number: Int32)] = []
        if let toRunner {
            toRunnerNumber = next
            placed.append((toRunner.region.file, next))
            next += 1
        }
        if let fromRunner {
            fromRunnerNumber = next
            placed.append((fromRunner.region.file, next))
            next += 1
        }
        return placed
    }
}

/// The slots in which batches go to a check. One thread at a time.
///
/// A slot is the plugin's from the moment in which it is handed over until the runner says that everything in it was
/// released: a plugin may keep a batch beyond its call. In the unused rest of a slot lie zeros and earlier batches that
/// were masked for the same check.
final class OutgoingSlots {
    let region: SharedRegion
    /// Told of every byte that is written, for tests that look for planted values.
    var onWritten: (UnsafeRawBufferPointer) -> Void = { _ in }
    private var taken = [Bool](repeating: false, count: Wire.slots)

    init(_ region: SharedRegion) { self.region = region }

    /// Writes a batch into a slot that is free, which is then taken; nil when it goes into its frame instead.
    func place(_ layout: BatchLayout) -> Int? {
        guard layout.byteCount > Wire.inlineBatch, layout.byteCount <= Wire.slotSize,
            let place = taken.firstIndex(of: false)
        else { return nil }
        taken[place] = true
        let slot = region.slot(place)
        layout.write(to: slot)
        onWritten(UnsafeRawBufferPointer(rebasing: slot[..<layout.byteCount]))
        return place
    }

    /// What the runner says of its slots: bits of those that are free.
    func release(_ free: UInt32) throws(Wire.Fault) {
        guard free >> UInt32(Wire.slots) == 0 else { throw Wire.Fault(reason: "a slot is free that there is not") }
        for place in taken.indices where free >> UInt32(place) & 1 == 1 { taken[place] = false }
    }
}

/// The slots in which a connector's batches come. One thread at a time.
final class IncomingSlots {
    let region: SharedRegion
    /// The slot that comes next.
    private var turn = 0
    private let pool = WarmMemory()

    init(_ region: SharedRegion) { self.region = region }

    /// A scan begins: the slots come in turn from the first one on.
    func begin() { turn = 0 }

    /// Copies a batch out, the copy checked whole. From then on the slot is the runner's again.
    func take(_ payload: Bytes) throws(Wire.Fault) -> (slot: UInt32, batch: Batch) {
        var reader = PayloadReader(payload)
        let slot = try reader.integer(UInt32.self)
        let size = try reader.integer(UInt64.self)
        try reader.finish()
        guard slot < UInt32(Wire.slots) else { throw Wire.Fault(reason: "a batch is in a slot that there is not") }
        guard Int(slot) == turn else { throw Wire.Fault(reason: "a batch is in a slot whose turn it is not") }
        guard size <= UInt64(Wire.slotSize) else { throw Wire.Fault(reason: "a batch is larger than its slot") }
        turn = (turn + 1) % Wire.slots
        let source = UnsafeRawBufferPointer(rebasing: region.slot(Int(slot))[..<Int(size)])
        do throws(BatchCodec.Failure) {
            return (slot, try BatchCodec.decode(copying: source, pool: pool))
        } catch { throw Wire.Fault(reason: "a batch is malformed: \(error.reason)") }
    }
}
