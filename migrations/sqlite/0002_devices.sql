-- SPDX-License-Identifier: Apache-2.0
-- The device inventory. A device is a document; beside it stand columns for what can be
-- sorted or filtered (THE FIELD TABLE in store_device_fields.c). All of these are text,
-- with case folded, dates as YYYY-MM-DDThh:mm:ss.mmmZ, truths as 'true' and 'false', and
-- '' for what the document does not say: so comparing means the same to every database.

CREATE TABLE device (
    id INTEGER PRIMARY KEY,
    device_uid TEXT NOT NULL,
    esn TEXT NOT NULL DEFAULT '',
    agent_status TEXT NOT NULL DEFAULT '',
    agent_version TEXT NOT NULL DEFAULT '',
    boot_device TEXT NOT NULL DEFAULT '',
    bss_id TEXT NOT NULL DEFAULT '',
    classification TEXT NOT NULL DEFAULT '',
    ctes_version TEXT NOT NULL DEFAULT '',
    current_network_name TEXT NOT NULL DEFAULT '',
    current_username TEXT NOT NULL DEFAULT '',
    default_gateway TEXT NOT NULL DEFAULT '',
    device_freeze_action_status_score TEXT NOT NULL DEFAULT '',
    device_freeze_reporting_statuses TEXT NOT NULL DEFAULT '',
    device_freeze_status_code TEXT NOT NULL DEFAULT '',
    device_name TEXT NOT NULL DEFAULT '',
    device_status TEXT NOT NULL DEFAULT '',
    df_calc_status TEXT NOT NULL DEFAULT '',
    df_component_status TEXT NOT NULL DEFAULT '',
    df_status TEXT NOT NULL DEFAULT '',
    dlp_calc_status TEXT NOT NULL DEFAULT '',
    dlp_component_status TEXT NOT NULL DEFAULT '',
    dlp_status TEXT NOT NULL DEFAULT '',
    domain TEXT NOT NULL DEFAULT '',
    du_calc_status TEXT NOT NULL DEFAULT '',
    du_component_status TEXT NOT NULL DEFAULT '',
    du_status TEXT NOT NULL DEFAULT '',
    esp_calc_status TEXT NOT NULL DEFAULT '',
    esp_component_status TEXT NOT NULL DEFAULT '',
    esp_status TEXT NOT NULL DEFAULT '',
    first_call_date_time_utc TEXT NOT NULL DEFAULT '',
    full_system_name TEXT NOT NULL DEFAULT '',
    geo_calc_status TEXT NOT NULL DEFAULT '',
    geo_component_status TEXT NOT NULL DEFAULT '',
    geo_status TEXT NOT NULL DEFAULT '',
    hdc_calc_status TEXT NOT NULL DEFAULT '',
    hdc_component_status TEXT NOT NULL DEFAULT '',
    hdc_status TEXT NOT NULL DEFAULT '',
    home_network_name TEXT NOT NULL DEFAULT '',
    imei TEXT NOT NULL DEFAULT '',
    is_ctes_active TEXT NOT NULL DEFAULT '',
    is_stolen TEXT NOT NULL DEFAULT '',
    last_connected_date_time_utc TEXT NOT NULL DEFAULT '',
    last_updated_date_time_utc TEXT NOT NULL DEFAULT '',
    license_addon_license_name TEXT NOT NULL DEFAULT '',
    license_addon_order_no TEXT NOT NULL DEFAULT '',
    license_base_license_name TEXT NOT NULL DEFAULT '',
    license_base_order_no TEXT NOT NULL DEFAULT '',
    locale TEXT NOT NULL DEFAULT '',
    local_ip TEXT NOT NULL DEFAULT '',
    network_ssid TEXT NOT NULL DEFAULT '',
    operating_system_name TEXT NOT NULL DEFAULT '',
    org_units TEXT NOT NULL DEFAULT '',
    origin TEXT NOT NULL DEFAULT '',
    persistent_agent_version TEXT NOT NULL DEFAULT '',
    phone_number TEXT NOT NULL DEFAULT '',
    platform_os_type TEXT NOT NULL DEFAULT '',
    policy_group_name TEXT NOT NULL DEFAULT '',
    policy_group_uid TEXT NOT NULL DEFAULT '',
    public_ip TEXT NOT NULL DEFAULT '',
    ril_serial_number TEXT NOT NULL DEFAULT '',
    rsvp_status_is_strong_password_required TEXT NOT NULL DEFAULT '',
    rsvp_status_is_supported TEXT NOT NULL DEFAULT '',
    rsvp_status_status TEXT NOT NULL DEFAULT '',
    rsvp_status_version TEXT NOT NULL DEFAULT '',
    sdc_calc_status TEXT NOT NULL DEFAULT '',
    sdc_component_status TEXT NOT NULL DEFAULT '',
    sdc_status TEXT NOT NULL DEFAULT '',
    serial_number TEXT NOT NULL DEFAULT '',
    src TEXT NOT NULL DEFAULT '',
    system_directory TEXT NOT NULL DEFAULT '',
    system_integrity_protection_status TEXT NOT NULL DEFAULT '',
    system_manufacturer TEXT NOT NULL DEFAULT '',
    system_model TEXT NOT NULL DEFAULT '',
    system_type TEXT NOT NULL DEFAULT '',
    time_zone TEXT NOT NULL DEFAULT '',
    unenrollment_date_time_utc TEXT NOT NULL DEFAULT '',
    username TEXT NOT NULL DEFAULT '',
    guarded INTEGER NOT NULL, -- bits: the document has fields that need more rights
    app_head TEXT NOT NULL,   -- what a row of its applications says about the device
    custom_fields TEXT NOT NULL DEFAULT '', -- a JSON array, or ''
    doc TEXT NOT NULL         -- a JSON object without nulls, custom fields and groups
) STRICT;
CREATE UNIQUE INDEX device_device_uid ON device (device_uid);
CREATE INDEX device_agent_status ON device (agent_status);
CREATE INDEX device_device_name ON device (device_name);
CREATE INDEX device_esn ON device (esn);
CREATE INDEX device_full_system_name ON device (full_system_name);
CREATE INDEX device_last_updated_date_time_utc ON device (last_updated_date_time_utc);
CREATE INDEX device_platform_os_type ON device (platform_os_type);
CREATE INDEX device_serial_number ON device (serial_number);
CREATE INDEX device_system_model ON device (system_model);
CREATE INDEX device_system_type ON device (system_type);

CREATE TABLE application (
    id INTEGER PRIMARY KEY,
    device_id INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    app_name TEXT NOT NULL,
    user_name TEXT NOT NULL,
    install_path TEXT NOT NULL,
    install_date_time_utc TEXT NOT NULL,
    major TEXT NOT NULL,
    minor TEXT NOT NULL,
    device_app_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    app_original_name TEXT NOT NULL,
    app_publisher TEXT NOT NULL,
    app_original_publisher TEXT NOT NULL,
    app_version TEXT NOT NULL,
    app_original_version TEXT NOT NULL,
    first_detect_date_time_utc TEXT NOT NULL,
    last_scan_date_time_utc TEXT NOT NULL,
    doc TEXT NOT NULL -- a JSON object: what is not said about the device
) STRICT;
CREATE INDEX application_device ON application (device_id, app_id);
CREATE INDEX application_app_name ON application (app_name);

-- Fields that people fill in. dropdowns: a JSON array of {"elementId", "elementValue"}.
CREATE TABLE field_definition (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE, -- 22 characters of base64url
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL UNIQUE,
    category TEXT NOT NULL CHECK (category IN
        ('PREDEFINED', 'ESNCOLUMN', 'UDF', 'RDF', 'WEBUSAGE')),
    type TEXT NOT NULL CHECK (type IN ('Text', 'Date', 'Dropdown')),
    dropdowns TEXT NOT NULL
) STRICT;

INSERT INTO field_definition (uid, key, name, name_folded, category, type, dropdowns) VALUES
    ('Jd_qBRtKxl8eavLc_6VyKg', 'assignedUsername', 'Assigned Username', 'assigned username', 'PREDEFINED', 'Text', '[]'),
    ('dT8cxIMX3Bf-zb08887i6Q', 'assignedUserEmail', 'Assigned User Email', 'assigned user email', 'PREDEFINED', 'Text', '[]'),
    ('IzEW8ZrT-tk0WH69a0yEcw', 'assetNumber', 'Asset Number', 'asset number', 'PREDEFINED', 'Text', '[]'),
    ('njHyubSvCK_uXNqqherPjg', 'department', 'Department', 'department', 'PREDEFINED', 'Text', '[]'),
    ('GUr7f4uZBahtd0pI3on-Jg', 'physicalLocationAddress', 'Physical Location / Address', 'physical location / address', 'PREDEFINED', 'Text', '[]'),
    ('eNoYwKrHLCNUAvwAes8P_Q', 'purchaseOrderReference', 'Purchase Order Reference', 'purchase order reference', 'PREDEFINED', 'Text', '[]'),
    ('ra654CyYDORkFrPFLj0xig', 'dealerName', 'Dealer Name', 'dealer name', 'PREDEFINED', 'Text', '[]'),
    ('wx9YWSWC-xBrICsovTSftA', 'leaseNumber', 'Lease Number', 'lease number', 'PREDEFINED', 'Text', '[]'),
    ('SWCg8xoGqUL_u3SqT7jH7A', 'leaseResponsibility', 'Lease Responsibility', 'lease responsibility', 'PREDEFINED', 'Text', '[]'),
    ('tr6NjrNRzgOVMGR4ELmbcA', 'leaseVendor', 'Lease Vendor', 'lease vendor', 'PREDEFINED', 'Text', '[]'),
    ('P_nRWaeDTQcq6h_XGxYVhA', 'leaseStartDate', 'Lease Start Date', 'lease start date', 'PREDEFINED', 'Date', '[]'),
    ('3jEnSYv8BbIUjz87z3ZAxQ', 'leaseEndDate', 'Lease End Date', 'lease end date', 'PREDEFINED', 'Date', '[]'),
    ('ngyO5iGzbAfWEGeX2xltFw', 'purchaseDate', 'Purchase Date', 'purchase date', 'PREDEFINED', 'Date', '[]'),
    ('2nbalHDXrec-nxUEPpnDjg', 'warrantyContractVendor', 'Warranty Contract Vendor', 'warranty contract vendor', 'PREDEFINED', 'Text', '[]'),
    ('oSuZ4OyCagJM9v1rZhCTtQ', 'warrantyStartDate', 'Warranty Start Date', 'warranty start date', 'PREDEFINED', 'Date', '[]'),
    ('wkzHzMZ1mOLp-_soo7zobw', 'warrantyEndDate', 'Warranty End Date', 'warranty end date', 'PREDEFINED', 'Date', '[]'),
    ('zRq-ZLhH2uH9PXk5-LYg6Q', 'serviceContractVendor', 'Service Contract Vendor', 'service contract vendor', 'PREDEFINED', 'Text', '[]'),
    ('ubIVv8nsyel3LrASt6YQkw', 'serviceContractStartDate', 'Service Contract Start Date', 'service contract start date', 'PREDEFINED', 'Date', '[]'),
    ('1vYN2TVs4rJGDBtfSYexRA', 'serviceContractEndDate', 'Service Contract End Date', 'service contract end date', 'PREDEFINED', 'Date', '[]');
