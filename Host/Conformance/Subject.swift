public import Foundations
public import PluginHost

/// The plugin under test.
public struct Subject: Sendable {
    /// The exact bytes of the manifest; nil when only a library was given.
    public let manifestBytes: [UInt8]?
    /// The manifest's path; nil when only a library was given.
    public let manifestPath: String?
    /// With a library alone, a manifest with the widest limits that was made for this test.
    public let plugin: InstalledPlugin
    public let quirks: Quirks
    /// How runners and probers are started.
    public let settings: RunnerSettings

    /// The shared library for this platform.
    public func libraryPath() throws(SluiceError) -> String {
        plugin.folder + "/" + (try plugin.manifest.artifact()).file
    }
}
