internal import Glibc
internal import Synchronization

/// Bytes of a secret in memory of their own: never swapped out, in no core dump, zeroed at the end.
///
/// Not Sendable: it lives on the thread of its one transfer. It has no description that shows the bytes.
final class LockedBytes: CustomStringConvertible, CustomReflectable {
    private let memory: UnsafeMutableRawBufferPointer
    private let mapped: Int
    private(set) var count = 0
    /// Whether it goes to the spares at the end.
    private let isSpare: Bool

    /// A page of zeros, locked. Nobody else has its address.
    private struct Page: @unchecked Sendable {
        let address: UnsafeMutableRawPointer
    }

    /// Pages that the last secrets left: to map, lock and unmap one costs more than all else that is done with a secret.
    private static let spares = Mutex<[Page]>([])
    private static let mostSpares = 8

    /// Room for so many bytes, at most 1 MiB; nil when the machine does not give locked memory.
    ///
    /// - Parameter isLocked: false for what lies in ordinary memory anyway; it is zeroed all the same.
    init?(capacity: Int, isLocked: Bool = true) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let size = (capacity + page - 1) / page * page
        guard capacity > 0, capacity <= 1 << 20 else { return nil }
        isSpare = isLocked && size == page
        if isSpare, let address = Self.spares.withLock({ $0.popLast() })?.address {
            memory = UnsafeMutableRawBufferPointer(start: address, count: capacity)
            mapped = size
            return
        }
        guard
            let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            address != MAP_FAILED
        else { return nil }
        guard !isLocked || mlock(address, size) == 0 else {
            munmap(address, size)
            return nil
        }
        madvise(address, size, MADV_DONTDUMP)
        // A child that is forked meanwhile must not carry it.
        madvise(address, size, MADV_DONTFORK)
        memory = UnsafeMutableRawBufferPointer(start: address, count: capacity)
        mapped = size
    }

    deinit {
        // The memory is not empty, so it has an address.
        guard let address = memory.baseAddress else { return }
        explicit_bzero(address, mapped)
        if isSpare {
            let isKept = Self.spares.withLock { spares in
                guard spares.count < Self.mostSpares else { return false }
                spares.append(Page(address: address))
                return true
            }
            if isKept { return }
        }
        munlock(address, mapped)
        munmap(address, mapped)
    }

    var room: Int { memory.count - count }

    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= room else { return false }
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
        return true
    }

    func append(_ text: StaticString) -> Bool {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// For what is no secret: the name of a header, a scheme.
    func append(plain text: String) -> Bool {
        var text = text
        return text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Reads a file to its end; false when it does not fit or cannot be read.
    func append(contentsOf descriptor: Int32) -> Bool {
        while true {
            guard room > 0 else {
                var one: UInt8 = 0
                return read(descriptor, &one, 1) == 0
            }
            let got = read(descriptor, memory.baseAddress.map { $0 + count }, room)
            if got < 0 && errno == EINTR { continue }
            if got <= 0 { return got == 0 }
            count += got
        }
    }

    func dropLast() { if count > 0 { count -= 1 } }

    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        body(UnsafeRawBufferPointer(rebasing: memory[..<count]))
    }

    /// The bytes' own memory, for what reads it until this object goes.
    var base: UnsafeMutableRawPointer? { memory.baseAddress }

    var description: String { "[secret]" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
