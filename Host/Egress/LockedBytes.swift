internal import Glibc

/// Bytes of a secret in memory of their own: never swapped out, in no core dump, zeroed at the end.
///
/// Not Sendable: it lives on the thread of its one transfer. It has no description that shows the bytes.
final class LockedBytes: CustomStringConvertible, CustomReflectable {
    private let memory: UnsafeMutableRawBufferPointer
    private let mapped: Int
    private(set) var count = 0

    /// Room for so many bytes, at most 1 MiB; nil when the machine does not give locked memory.
    ///
    /// - Parameter isLocked: false for what lies in ordinary memory anyway; it is zeroed all the same.
    init?(capacity: Int, isLocked: Bool = true) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let size = (capacity + page - 1) / page * page
        guard capacity > 0, capacity <= 1 << 20,
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
