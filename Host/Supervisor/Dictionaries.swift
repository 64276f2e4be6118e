public import Detection
public import Foundations

/// The dictionaries of names and places that ship with the program.
public enum Dictionaries {
    /// Largest file, in bytes.
    private static let limit = 8 << 20

    /// Reads `detection` of the installation's registry; some tens of milliseconds.
    ///
    /// - Throws: `registry.invalid` when a file is missing or is no dictionary.
    public static func lexicon(_ context: Context) throws(SluiceError) -> Lexicon {
        try lexicon(folder: try Installation(context).registry + "/detection")
    }

    /// As above, from a folder with `Lexicon.files`.
    public static func lexicon(folder: String) throws(SluiceError) -> Lexicon {
        var files: [(name: String, bytes: [UInt8])] = []
        for name in Lexicon.files {
            do { files.append((name, try Files.read("\(folder)/\(name)", limit: limit))) } catch {
                throw SluiceError(
                    .registryInvalid, "detection/\(name) cannot be read: \(error.reason).",
                    hint: "Put the registry's folder detection back as it was installed, or mask with --structured.")
            }
        }
        do { return try Lexicon(files) } catch {
            throw SluiceError(
                .registryInvalid, "detection/\(error.file), line \(error.line): \(error.reason).",
                hint: "Put the registry's folder detection back as it was installed, or mask with --structured.")
        }
    }
}
