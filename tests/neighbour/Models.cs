using System;
using System.Collections;
using System.Collections.Generic;
using System.ComponentModel;
using System.Management.Automation;

namespace Microsoft.Graph.PowerShell.Models
{
    public interface IDevicesCloudPrintIdentity
    {
        string PrintDocumentId { get; set; }
        string PrintJobId { get; set; }
        string PrinterId { get; set; }
    }

    [TypeConverter(typeof(DevicesCloudPrintIdentityTypeConverter))]
    public class DevicesCloudPrintIdentity : IDevicesCloudPrintIdentity
    {
        public string PrintDocumentId { get; set; }
        public string PrintJobId { get; set; }
        public string PrinterId { get; set; }
    }

    public interface IMicrosoftGraphPrintDocumentUploadProperties
    {
        string ContentType { get; set; }
        string DocumentName { get; set; }
        long? Size { get; set; }
    }

    [TypeConverter(typeof(MicrosoftGraphPrintDocumentUploadPropertiesTypeConverter))]
    public class MicrosoftGraphPrintDocumentUploadProperties : IMicrosoftGraphPrintDocumentUploadProperties
    {
        public string ContentType { get; set; }
        public string DocumentName { get; set; }
        public long? Size { get; set; }
    }

    public interface IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema
    {
        IMicrosoftGraphPrintDocumentUploadProperties Properties { get; set; }
    }

    [TypeConverter(typeof(Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchemaTypeConverter))]
    public class Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema
        : IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema
    {
        public IMicrosoftGraphPrintDocumentUploadProperties Properties { get; set; }
        public IDictionary<string, object> AdditionalProperties { get; } = new Dictionary<string, object>();
    }

    public interface IMicrosoftGraphUploadSession
    {
        DateTime? ExpirationDateTime { get; set; }
        string[] NextExpectedRanges { get; set; }
        string UploadUrl { get; set; }
    }

    public class MicrosoftGraphUploadSession : IMicrosoftGraphUploadSession
    {
        public DateTime? ExpirationDateTime { get; set; }
        public string[] NextExpectedRanges { get; set; }
        public string UploadUrl { get; set; }
    }

    /// <summary>A model out of a hashtable, as the official converters make one.</summary>
    public abstract class ModelTypeConverter<T> : PSTypeConverter where T : new()
    {
        public override bool CanConvertFrom(object sourceValue, Type destinationType) => sourceValue is IDictionary;

        public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase)
        {
            var model = new T();
            foreach (DictionaryEntry entry in (IDictionary)sourceValue)
            {
                var property =
                    Array.Find(typeof(T).GetProperties(),
                        candidate => candidate.Name.Equals((string)entry.Key, StringComparison.OrdinalIgnoreCase));
                object value = entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value;
                if (property.PropertyType == typeof(IMicrosoftGraphPrintDocumentUploadProperties) && value is IDictionary)
                {
                    value = new MicrosoftGraphPrintDocumentUploadPropertiesTypeConverter()
                        .ConvertFrom(value, property.PropertyType, formatProvider, ignoreCase);
                }

                property.SetValue(model, property.PropertyType == typeof(long?) ? Convert.ToInt64(value, formatProvider) : value);
            }

            return model;
        }

        public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

        public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
            throw new NotSupportedException();
    }

    public class DevicesCloudPrintIdentityTypeConverter : ModelTypeConverter<DevicesCloudPrintIdentity>
    {
    }

    public class MicrosoftGraphPrintDocumentUploadPropertiesTypeConverter : ModelTypeConverter<MicrosoftGraphPrintDocumentUploadProperties>
    {
    }

    public class Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchemaTypeConverter
        : ModelTypeConverter<Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema>
    {
    }
}
