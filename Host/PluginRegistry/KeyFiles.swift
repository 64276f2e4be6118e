public import Foundations
internal import Glibc

/// The files of a publisher's key: the seed, which nobody else may read, and `FILE.pub` for everybody.
public enum KeyFiles {
    /// Makes a key pair.
    ///
    /// `path` holds the 32-byte seed as 64 hexadecimal digits, mode 0600; `path.pub` the public key. Neither is ever
    /// overwritten.
    ///
    /// - Throws: `key.file` when one of them is there or cannot be written: then neither is left.
    public static func make(at path: String, context: Context) throws(SluiceError) -> Ed25519.PublicKey {
        let seed = context.random(32)
        guard let pair = Ed25519.SigningKey(seed: seed) else {
            throw SluiceError(.keyFile, "A key could not be made.", hint: "Try again.")
        }
        for file in [path, path + ".pub"] where Files.exists(file) {
            throw SluiceError(
                .keyFile, "\(file) is there already, and a key is never overwritten.",
                hint: "Name another file with --out.")
        }
        try write(Hex.encode(seed) + "\n", to: path, mode: 0o600)
        do { try write("\(pair.publicKey)\n", to: path + ".pub", mode: 0o644) } catch {
            unlink(path)
            throw error
        }
        return pair.publicKey
    }

    /// A new file, or none.
    private static func write(_ text: String, to path: String, mode: mode_t) throws(SluiceError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw failure("make", path, errno) }
        defer { close(descriptor) }
        do throws(Files.Failure) {
            // Whatever the umask is: a seed is for its owner alone, and a public key is for all.
            guard fchmod(descriptor, mode) == 0 else { throw Files.Failure(call: "chmod", path: path, errno: errno) }
            try Files.writeAll(Array(text.utf8), to: descriptor, path: path)
            guard fsync(descriptor) == 0 else { throw Files.Failure(call: "fsync", path: path, errno: errno) }
        } catch {
            unlink(path)
            throw failure(error.call, path, error.errno)
        }
    }

    private static func failure(_ call: String, _ path: String, _ number: Int32) -> SluiceError {
        SluiceError(
            .keyFile, "\(call) \(path): \(String(cString: strerror(number))).", hint: "Check the folder and its space.")
    }

    /// The key pair of a file.
    ///
    /// - Throws: `key.file` for one that is missing, a link, malformed, somebody else's or readable by others.
    public static func signingKey(at path: String) throws(SluiceError) -> Ed25519.SigningKey {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw SluiceError(.keyFile, "The key \(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw SluiceError(.keyFile, "The key \(path) is no regular file.")
        }
        guard information.st_uid == geteuid() else {
            throw SluiceError(.keyFile, "The key \(path) belongs to user \(information.st_uid), not to you.")
        }
        guard information.st_mode & 0o077 == 0 else {
            throw SluiceError(
                .keyFile, "Other users may read the key \(path); nothing was signed with it.",
                hint: "Close it with `chmod 600`; if others could have read it, revoke it and make a new one.")
        }
        let bytes: [UInt8]
        do { bytes = try Files.readAll(descriptor, path: path, limit: 4096) } catch {
            throw SluiceError(.keyFile, "The key \(path) cannot be read: \(error.reason).")
        }
        let digits = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        guard digits.count == 64, let seed = Hex.decode(String(decoding: digits, as: UTF8.self)),
            let key = Ed25519.SigningKey(seed: seed)
        else {
            throw SluiceError(
                .keyFile, "The key \(path) is malformed: 64 hexadecimal digits are expected.",
                hint: "Name the file that `sluice plugin keygen --out FILE` made, not FILE.pub.")
        }
        return key
    }

    /// A public key as text, or the one in a file.
    ///
    /// - Throws: `key.file` when it is neither.
    public static func publicKey(_ word: String) throws(SluiceError) -> Ed25519.PublicKey {
        if let key = Ed25519.PublicKey(word) { return key }
        let bytes: [UInt8]
        do { bytes = try Files.read(word, limit: 4096) } catch {
            throw SluiceError(
                .keyFile, "This is neither a public key nor a file with one: \(error.reason).",
                hint: "Give ed25519: and 64 hexadecimal digits, or the FILE.pub of `sluice plugin keygen`.")
        }
        let text = String(decoding: bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...], as: UTF8.self)
        guard let key = Ed25519.PublicKey(text) else {
            throw SluiceError(
                .keyFile, "The file holds no public key.",
                hint: "Name FILE.pub, whose one line is ed25519: and 64 hexadecimal digits.")
        }
        return key
    }
}
