internal import Foundations
internal import Glibc

/// What the loader would read of a shared library before it maps it: its name, what it needs and where it looks.
///
/// 64-bit little-endian ELF (System V gABI, chapter 5). Every offset is checked against the file; nothing is mapped.
struct ELFImage: Sendable, Equatable {
    enum Fault: Error, Equatable {
        /// Other bytes than those of an ELF file.
        case notELF
        /// An ELF file, but of another machine, word size or byte order, or no shared library.
        case foreign(String)
        case malformed(String)

        var text: String {
            switch self {
            case .notELF: "it is no ELF file"
            case .foreign(let what): what
            case .malformed(let what): "it is malformed: \(what)"
            }
        }
    }

    let machine: UInt16
    let soname: String?
    /// In the order of the file.
    let needed: [String]
    /// Entries of DT_RUNPATH, or of DT_RPATH where that is missing; as written, with `$ORIGIN`.
    let searchPath: [String]

    /// The machine of this program, as ELF counts them.
    static var hostMachine: UInt16 {
        #if arch(arm64)
        183
        #else
        62
        #endif
    }

    /// From a file that is open.
    init(descriptor: Int32) throws(Fault) {
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw .malformed("it is no plain file")
        }
        try self.init(size: Int(information.st_size)) { offset, count in
            var bytes = [UInt8](repeating: 0, count: count)
            let got = Files.retrying { pread(descriptor, &bytes, count, off_t(offset)) }
            return got == count ? bytes : nil
        }
    }

    /// From bytes in memory.
    init(_ image: [UInt8]) throws(Fault) {
        try self.init(size: image.count) { offset, count in Array(image[offset..<offset + count]) }
    }

    /// - Parameter read: bytes at an offset, never asked for any beyond `size`; nil when they cannot be had.
    private init(size: Int, read: @escaping (Int, Int) -> [UInt8]?) throws(Fault) {
        let file = Window(size: size, read: read)
        let header = try Self.header(file)
        machine = UInt16(Self.number(header, 18, 2))
        let segments = try Self.segments(file, header)
        let dynamic = try Self.dynamic(file, segments)
        let strings = try Self.strings(file, segments, dynamic)
        needed = try dynamic.filter { $0.tag == 1 }.map { (entry) throws(Fault) in try strings.text(at: entry.value) }
        soname = try dynamic.first { $0.tag == 14 }.map { (entry) throws(Fault) in try strings.text(at: entry.value) }
        let path = dynamic.first { $0.tag == 29 } ?? dynamic.first { $0.tag == 15 }
        searchPath =
            try path.map { (entry) throws(Fault) in
                try strings.text(at: entry.value).split(separator: ":").map(String.init)
            } ?? []
    }

    // MARK: Parts

    /// The 64 bytes of the file header, of a shared library for this machine.
    static func header(_ file: Window) throws(Fault) -> [UInt8] {
        guard file.size >= 64, let header = file.bytes(0, 64), Array(header[0..<4]) == [0x7F, 0x45, 0x4C, 0x46] else {
            throw .notELF
        }
        guard header[4] == 2, header[5] == 1 else { throw .foreign("it is not of 64 bits, little-endian") }
        let machine = number(header, 18, 2)
        guard machine == hostMachine else { throw .foreign("it is for another machine (\(machine))") }
        guard number(header, 16, 2) == 3 else { throw .foreign("it is no shared library") }
        return header
    }

    struct Segment {
        let type: UInt64
        let flags: UInt64
        let offset: UInt64
        let address: UInt64
        /// In the file, and in memory.
        let size: UInt64
        let memory: UInt64

        /// Where the loader maps it: whole pages from the one that it begins in.
        var begin: UInt64 { address & ~4095 }
    }

    struct Entry {
        let tag: UInt64
        let value: UInt64
    }

    /// The file, asked for no byte that it does not have.
    struct Window {
        let size: Int
        let read: (Int, Int) -> [UInt8]?

        func bytes(_ offset: UInt64, _ count: UInt64) -> [UInt8]? {
            let (end, overflow) = offset.addingReportingOverflow(count)
            guard !overflow, end <= UInt64(size) else { return nil }
            return read(Int(offset), Int(count))
        }
    }

    /// The dynamic string table: where it is in the file, and how long.
    struct Strings {
        let file: Window
        let offset: UInt64
        let size: UInt64

        func text(at position: UInt64) throws(Fault) -> String {
            guard position < size, let bytes = file.bytes(offset + position, min(size - position, 4096)),
                let end = bytes.firstIndex(of: 0), end > 0, let text = String(validating: bytes[..<end], as: UTF8.self)
            else { throw .malformed("a name lies outside its string table, or is none") }
            return text
        }
    }

    private static let mostSegments: UInt64 = 512
    private static let mostEntries = 4096

    static func segments(_ file: Window, _ header: [UInt8]) throws(Fault) -> [Segment] {
        let count = number(header, 56, 2)
        guard number(header, 54, 2) == 56, count > 0, count <= mostSegments,
            let table = file.bytes(number(header, 32, 8), count * 56)
        else { throw .malformed("its program headers lie outside the file") }
        let segments = (0..<Int(count)).map { index in
            let at = index * 56
            return Segment(
                type: number(table, at, 4), flags: number(table, at + 4, 4), offset: number(table, at + 8, 8),
                address: number(table, at + 16, 8), size: number(table, at + 32, 8),
                memory: number(table, at + 40, 8))
        }
        try requireOneReading(segments)
        return segments
    }

    /// What is read here must be what the loader sees: of two headers of a kind it takes the last, and of segments that
    /// share a page the one that is mapped later.
    private static func requireOneReading(_ segments: [Segment]) throws(Fault) {
        // PT_DYNAMIC and PT_GNU_STACK.
        for type in [2, 0x6474_E551] as [UInt64] where segments.count(where: { $0.type == type }) > 1 {
            throw .malformed("a program header stands twice")
        }
        var end: UInt64 = 0
        for segment in segments where segment.type == 1 {
            let (next, overflow) = segment.address.addingReportingOverflow(max(segment.size, segment.memory))
            guard !overflow, segment.begin >= end else {
                throw .malformed("its segments overlap, or do not stand in order")
            }
            end = next
        }
    }

    static func dynamic(_ file: Window, _ segments: [Segment]) throws(Fault) -> [Entry] {
        guard let segment = segments.first(where: { $0.type == 2 }) else {
            throw .foreign("it is no shared library: it has no dynamic section")
        }
        // The loader finds it by its address.
        guard segment.size / 16 <= UInt64(mostEntries),
            place(segment.address, segment.size, segments, file) == segment.offset,
            let table = file.bytes(segment.offset, segment.size)
        else { throw .malformed("its dynamic section lies outside the file, or not where its address leads") }
        var entries: [Entry] = []
        var seen: Set<UInt64> = []
        for index in 0..<table.count / 16 {
            let entry = Entry(tag: number(table, index * 16, 8), value: number(table, index * 16 + 8, 8))
            if entry.tag == 0 { return entries }
            // The loader loads their libraries, too: DT_AUXILIARY, DT_FILTER.
            guard entry.tag != 0x7FFF_FFFD, entry.tag != 0x7FFF_FFFF else {
                throw .malformed("it is a filter of another library (DT_AUXILIARY or DT_FILTER), which no plugin needs")
            }
            // Of two the loader takes the last; DT_NEEDED alone may stand more than once.
            guard entry.tag == 1 || seen.insert(entry.tag).inserted else {
                throw .malformed("an entry of its dynamic section stands twice (tag \(entry.tag))")
            }
            entries.append(entry)
        }
        throw .malformed("its dynamic section has no end")
    }

    static func strings(
        _ file: Window, _ segments: [Segment], _ dynamic: [Entry]
    ) throws(Fault) -> Strings {
        guard let address = dynamic.first(where: { $0.tag == 5 })?.value,
            let size = dynamic.first(where: { $0.tag == 10 })?.value
        else { throw .malformed("it has no string table") }
        guard let place = Self.place(address, size, segments, file) else {
            throw .malformed("its string table lies outside the file")
        }
        return Strings(file: file, offset: place, size: size)
    }

    /// Where so many bytes at an address are in the file; nil when they are not, or not in one segment.
    static func place(_ address: UInt64, _ size: UInt64, _ segments: [Segment], _ file: Window) -> UInt64? {
        for segment in segments where segment.type == 1 && address >= segment.address {
            let within = address - segment.address
            guard within < segment.size else { continue }
            let (offset, overflow) = segment.offset.addingReportingOverflow(within)
            let (end, beyond) = offset.addingReportingOverflow(size)
            guard !overflow, !beyond, size <= segment.size - within, end <= UInt64(file.size) else { return nil }
            return offset
        }
        return nil
    }

    /// Little-endian; the caller has checked that the bytes are there.
    static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }
}
