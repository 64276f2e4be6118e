public import Foundations
internal import Glibc
internal import Synchronization

/// Which file stood at a path when it was looked at; any change to its bytes changes `changed`.
struct FileIdentity: Sendable, Hashable {
    let device: UInt64
    let inode: UInt64
    let size: Int
    /// Nanoseconds since 1970.
    let modified: UInt64
    let changed: UInt64

    init(_ information: stat) {
        device = UInt64(information.st_dev)
        inode = UInt64(information.st_ino)
        size = Int(information.st_size)
        modified = Self.nanoseconds(information.st_mtim)
        changed = Self.nanoseconds(information.st_ctim)
    }

    private static func nanoseconds(_ time: timespec) -> UInt64 {
        UInt64(max(0, time.tv_sec)) &* 1_000_000_000 &+ UInt64(max(0, time.tv_nsec))
    }
}

/// One shared library that a plugin is loaded with.
public struct PinnedLibrary: Sendable, Hashable {
    /// As others ask for it; also the last part of `path`.
    public let name: String
    public let path: String
    let identity: FileIdentity

    /// SHA-256 of its bytes; nil when the file was changed or removed before it could be hashed. May wait for that.
    public var sha256: SHA256.Digest? { LibraryPins.shared.digest(of: self) }

    /// As the runner is told of it (Host/Runner/options.c).
    var argument: String { "\(identity.device):\(identity.inode):\(identity.changed):\(path)" }
}

/// The libraries that this process has used: each is hashed once, in the background, and must stay what it was.
final class LibraryPins: Sendable {
    static let shared = LibraryPins()

    private struct Pin: Sendable {
        let identity: FileIdentity
        let digest: SHA256.Digest?
    }

    private let pins = Mutex<[String: Pin]>([:])
    private let images = Mutex<[FileIdentity: ELFImage]>([:])

    /// The image of a library's file, read again only when the file is another one.
    func image(_ identity: FileIdentity, descriptor: Int32) throws(ELFImage.Fault) -> ELFImage {
        if let known = images.withLock({ $0[identity] }) { return known }
        let image = try ELFImage(descriptor: descriptor)
        images.withLock { $0[identity] = image }
        return image
    }

    /// Its digest, from what was hashed before if the file is still the same.
    func digest(of library: PinnedLibrary) -> SHA256.Digest? {
        if let pin = pins.withLock({ $0[library.path] }), pin.identity == library.identity { return pin.digest }
        let digest = Self.hash(library)
        return pins.withLock { pins in
            if pins[library.path] == nil { pins[library.path] = Pin(identity: library.identity, digest: digest) }
            return digest
        }
    }

    /// Whether a library has other bytes than when this process first used it. A new file of the same bytes is the same.
    func isChanged(_ library: PinnedLibrary) -> Bool {
        guard let pin = pins.withLock({ $0[library.path] }), pin.identity != library.identity else { return false }
        guard let before = pin.digest, let now = Self.hash(library), before == now else { return true }
        pins.withLock { $0[library.path] = Pin(identity: library.identity, digest: now) }
        return false
    }

    /// Hashes what is new on a thread of its own: a start does not wait for it.
    func pin(_ libraries: [PinnedLibrary]) {
        let fresh = libraries.filter { library in pins.withLock { $0[library.path] == nil } }
        guard !fresh.isEmpty else { return }
        // No thread, no background: it is hashed when somebody asks.
        _ = OwnThread.start { for library in fresh { _ = LibraryPins.shared.digest(of: library) } }
    }

    /// The digest of the very file that was looked at; nil when it is another one before or after.
    private static func hash(_ library: PinnedLibrary) -> SHA256.Digest? {
        let number = open(library.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else { return nil }
        defer { close(number) }
        func isStill() -> Bool {
            var information = stat()
            return fstat(number, &information) == 0 && FileIdentity(information) == library.identity
        }
        guard isStill() else { return nil }
        var hasher = SHA256()
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let got = Files.retrying { read(number, &chunk, 1 << 18) }
            guard got >= 0 else { return nil }
            if got == 0 { break }
            chunk.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
        }
        return isStill() ? hasher.digest() : nil
    }
}
