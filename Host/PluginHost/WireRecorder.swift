#if SLUICE_TEST_HOOKS
internal import Foundations
internal import Glibc

/// Writes down every byte that the host hands to a runner, for tests that look for planted values.
///
/// Active when the environment names a folder in SLUICE_RECORD_WIRE; not compiled into release builds.
/// Files are `<kind>-<id>-<pid>-<n>.bin`: n = 0 is the socket, the others are files that it inherits.
final class WireRecorder {
    private let folder: String
    private let prefix: String
    private let socket: Int32

    init?(_ manifest: PluginManifest, pid: pid_t, context: Context) {
        guard let folder = context.environment["SLUICE_RECORD_WIRE"], !folder.isEmpty else { return nil }
        self.folder = folder
        prefix = "\(folder)/\(manifest.kind.rawValue)-\(manifest.id)-\(pid)"
        socket = open(prefix + "-0.bin", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    }

    deinit { if socket >= 0 { close(socket) } }

    func sent(_ bytes: UnsafeRawBufferPointer) {
        var done = 0
        while done < bytes.count {
            let wrote = write(socket, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            // A test that misses bytes must fail: it finds the file short of the frame.
            guard wrote > 0 else { return }
            done += wrote
        }
    }

    func inherited(_ images: [[UInt8]]) throws(SluiceError) {
        for (place, image) in images.enumerated() {
            do { try Files.writeAtomically(image, to: "\(prefix)-\(place + 1).bin") } catch { throw error.asError }
        }
    }
}
#endif
